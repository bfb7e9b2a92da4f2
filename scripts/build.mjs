// Builds `dist/`: node scripts/build.mjs [prisma] [gradients] [server] [web], or all of them.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function node(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const steps = {
  prisma: () => node('scripts/generate-prisma.mjs'),
  gradients: () => node('scripts/build-gradients.mjs'),
  server: () => {
    node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
    // What the compiler leaves behind: compiled training kernels.
    const kernels = 'worker/training/kernels';
    cpSync(join(root, 'src', kernels), join(root, 'dist', kernels), {
      recursive: true,
      filter: (source) => !/\.(ts|c|h)$/.test(source),
    });
    // `npx coordinator` and `npx worker` in a clone run these files.
    for (const program of ['coordinator', 'worker'])
      chmodSync(join(root, 'dist', program, 'cli/main.js'), 0o755);
  },
  web: () => node('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', 'src/dashboard/web'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`build: unknown step ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
for (const [name, run] of Object.entries(steps)) if (wanted.length === 0 || wanted.includes(name)) run();
