import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which rooms of the house a room may import (docs/architecture.md). `support` is open to all but `sweep`. */
const rooms = {
  sweep: [],
  support: [],
  analysis: ['sweep', 'support'],
  messaging: ['sweep', 'support'],
  store: ['sweep', 'support'],
  worker: ['sweep', 'messaging', 'support'],
  dashboard: ['sweep', 'analysis', 'store', 'support'],
  coordinator: ['sweep', 'analysis', 'messaging', 'store', 'dashboard', 'support'],
};
const roomNames = Object.keys(rooms);
const zones = roomNames.map((room) => ({
  target: `./src/${room}`,
  from: roomNames
    .filter((other) => other !== room && !rooms[room].includes(other))
    .map((other) => `./src/${other}`),
  message: `src/${room} may import only: ${['itself', ...rooms[room]].join(', ')} (see docs/architecture.md).`,
}));

export default tseslint.config(
  { ignores: ['dist/**', 'src/store/generated/**', 'node_modules/**', 'bench/peers/**', 'build/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: ['tsconfig.json', 'src/dashboard/web/tsconfig.json'],
          noWarnOnMultipleProjects: true,
        }),
      ],
    },
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/dashboard/web/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones }],
    },
  },
  // A trainable is the default export of its module; nothing else is.
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    ignores: ['src/worker/trainables/**', 'src/**/vite.config.ts'],
    plugins: { 'import-x': importX },
    rules: { 'import-x/no-default-export': 'error' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
