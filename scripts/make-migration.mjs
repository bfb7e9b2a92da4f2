// Writes the next migration for both databases: node scripts/make-migration.mjs NAME
//
// It is the difference between `prisma/migrated.prisma` (the models after the last migration) and
// `prisma/models.prisma`. Read what it wrote, and edit it where Prisma can't say what is meant (filling a new column,
// say), before it is committed: afterwards its checksum is in people's databases.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as binding from '@prisma/schema-engine-wasm/schema_engine_bg';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'prisma');
const before = join(folder, 'migrated.prisma');
const after = join(folder, 'models.prisma');

// Comparing two schemas needs no database, but the engine wants a connection that tells it the kind.
const adapters = {
  sqlite: new PrismaLibSql({ url: ':memory:' }),
  postgresql: postgresqlWithoutServer(),
};

const [name] = process.argv.slice(2);
if (!/^[a-z0-9_]+$/.test(name ?? '')) {
  console.error('make-migration: give it a name of small letters, digits and _, e.g. worker_labels');
  process.exit(2);
}
startEngine();
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
for (const [provider, adapter] of Object.entries(adapters)) {
  const sql = await difference(provider, adapter);
  if (!sql) {
    console.error('make-migration: models.prisma has not changed since the last migration');
    process.exit(1);
  }
  const directory = join(folder, provider, 'migrations', `${stamp}_${name}`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'migration.sql'), sql);
  console.log(`prisma/${provider}/migrations/${stamp}_${name}/migration.sql`);
}
copyFileSync(after, before);

/** The schema engine as WebAssembly: the native one is a download that npm does not have. */
function startEngine() {
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const module = new WebAssembly.Module(readFileSync(script.replace(/\.js$/, '.wasm')));
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': binding });
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
  binding.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

async function difference(provider, adapter) {
  const schema = (path) => ({
    tag: 'schemaDatamodel',
    files: [
      { path, content: `datasource db {\n  provider = "${provider}"\n}\n${readFileSync(path, 'utf8')}` },
    ],
  });
  const log = () => undefined;
  const engine = await binding.SchemaEngine.new({}, log, bindMigrationAwareSqlAdapterFactory(adapter));
  const { stdout } = await engine.diff({
    from: existsSync(before) ? schema(before) : { tag: 'empty' },
    to: schema(after),
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  if (stdout === null || stdout.includes('This is an empty migration')) return undefined;
  // The schema is there already, and its user may not be allowed to make one.
  return stdout.replace('-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n\n', '');
}

/** What the engine asks PostgreSQL for at the start is its version; nothing here depends on it. */
function postgresqlWithoutServer() {
  const connection = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    queryRaw: () => Promise.resolve({ columnNames: [], columnTypes: [], rows: [] }),
    executeRaw: () => Promise.resolve(0),
    executeScript: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
  return { ...connection, connect: () => Promise.resolve(connection) };
}
