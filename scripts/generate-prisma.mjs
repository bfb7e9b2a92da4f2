// Generates the two Prisma clients in `src/store/generated/` from `prisma/models.prisma`, unless they are there already.
// Works from the npm packages alone.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generated = join(root, 'src', 'store', 'generated');
const models = readFileSync(join(root, 'prisma', 'models.prisma'), 'utf8');
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/prisma/package.json'), 'utf8'));

const schemaFor = (provider) => `// Written by scripts/generate-prisma.mjs for Prisma ${version}.
generator client {
  provider               = "prisma-client"
  output                 = "./${provider}"
  engineType             = "client"
  runtime                = "nodejs"
  moduleFormat           = "esm"
  generatedFileExtension = "ts"
  importFileExtension    = "js"
}

datasource db {
  provider = "${provider}"
}

${models}`;

async function generate(provider) {
  const wanted = schemaFor(provider);
  const made = join(generated, `${provider}.prisma`);
  if (existsSync(made) && readFileSync(made, 'utf8') === wanted) return;
  // Beside the old one, which others may be reading, until it is whole.
  const fresh = join(generated, `fresh-${provider}-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  const schema = join(fresh, `${provider}.prisma`);
  writeFileSync(schema, wanted);
  try {
    await runPrisma('generate', '--schema', schema);
    rmSync(join(generated, provider), { recursive: true, force: true });
    renameSync(join(fresh, provider), join(generated, provider));
    renameSync(schema, made);
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

function runPrisma(...args) {
  const child = spawn(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      // Generating needs no schema engine, but the CLI downloads one unless it is told of some program. Never use
      // this for `migrate` or `db push`: they would do nothing and report success.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`prisma ${args.join(' ')} ended with exit code ${status}:\n${output}`));
    });
  });
}

await Promise.all(['sqlite', 'postgresql'].map(generate));
