// Generates the two Prisma clients in `src/store/generated/` from `prisma/models.prisma`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const models = readFileSync(join(root, 'prisma', 'models.prisma'), 'utf8');
const generated = join(root, 'src', 'store', 'generated');
rmSync(generated, { recursive: true, force: true });

const schemaFor = (provider) => `// Written by scripts/generate-prisma.mjs.
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

function generate(provider) {
  mkdirSync(generated, { recursive: true });
  const schema = join(generated, `${provider}.prisma`);
  writeFileSync(schema, schemaFor(provider));
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/prisma/build/index.js'), 'generate', '--schema', schema],
    {
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
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`prisma generate failed for ${provider} (exit code ${status}):\n${output}`));
    });
  });
}

await Promise.all(['sqlite', 'postgresql'].map(generate));
