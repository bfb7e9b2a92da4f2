import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@libsql/client';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Migration } from '../../../src/store/migrations.js';
import { migrateSqlite } from '../../../src/store/sqlite/migrate-sqlite.js';

const init: Migration = {
  name: '1_init',
  checksum: 'one',
  sql: `CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
        INSERT INTO parent VALUES (1, 'a'), (2, 'b');
        INSERT INTO child VALUES (10, 1), (20, 2);`,
};
// As Prisma rebuilds a table to change a column.
const rebuild: Migration = {
  name: '2_rebuild',
  checksum: 'two',
  sql: `PRAGMA defer_foreign_keys=ON;
        PRAGMA foreign_keys=OFF;
        CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
        INSERT INTO new_parent SELECT id, name FROM parent;
        DROP TABLE parent;
        ALTER TABLE new_parent RENAME TO parent;
        PRAGMA foreign_keys=ON;
        PRAGMA defer_foreign_keys=OFF;`,
};
const orphan: Migration = { name: '3_orphan', checksum: 'three', sql: 'DELETE FROM parent WHERE id = 1;' };
const broken: Migration = {
  name: '3_broken',
  checksum: 'three',
  sql: 'CREATE TABLE more (id INTEGER); INSERT INTO nowhere VALUES (1);',
};

describe('migrating SQLite', () => {
  let directory: string;
  let client: Client;
  let migrate: (shipped: readonly Migration[], readOnly?: boolean) => Promise<void>;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sweepyard-'));
    const url = `file:${join(directory, 'test.db')}`;
    client = createClient({ url });
    migrate = (shipped, readOnly = false) => migrateSqlite(url, 'test.db', shipped, readOnly);
  });
  afterEach(async () => {
    client.close();
    await rm(directory, { recursive: true });
  });

  const column = async (sql: string): Promise<unknown[]> =>
    (await client.execute(sql)).rows.map((row) => row[0]);
  const applied = () => column('SELECT migration_name FROM _prisma_migrations ORDER BY migration_name');

  test('a table that is rebuilt - keeps the rows that refer to it', async () => {
    await migrate([init]);
    await migrate([init, rebuild]);
    expect(await column('SELECT id FROM child ORDER BY id')).toEqual([10, 20]);
    expect(await applied()).toEqual(['1_init', '2_rebuild']);
    expect(await column('PRAGMA foreign_key_check')).toEqual([]);
    await migrate([init, rebuild]);
  });

  test('a migration that leaves rows without what they refer to - is undone', async () => {
    await migrate([init]);
    await expect(migrate([init, rebuild, orphan])).rejects.toThrow(
      'the database test.db cannot be brought up to date: 1 of its rows refer to rows that do not exist',
    );
    expect(await applied()).toEqual(['1_init']);
    expect(await column('SELECT id FROM parent ORDER BY id')).toEqual([1, 2]);
  });

  test('a migration that fails - is undone with all before it', async () => {
    await expect(migrate([init, broken])).rejects.toThrow('no such table: nowhere');
    expect(await column('SELECT name FROM sqlite_master')).toEqual([]);
    await migrate([init]);
    expect(await applied()).toEqual(['1_init']);
  });

  test('a reader - is told that the schema is older, and changes nothing', async () => {
    await migrate([init]);
    await migrate([init], true);
    await expect(migrate([init, rebuild], true)).rejects.toThrow(
      'the database test.db has the schema of an older Sweepyard, and is opened for reading only',
    );
    expect(await applied()).toEqual(['1_init']);
  });
});
