import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open as openFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/store/open-store.js';
import { PrismaSweepStore } from '../../../src/store/prisma-sweep-store.js';
import { openSqlite } from '../../../src/store/sqlite/open-sqlite.js';
import { EnvironmentError } from '../../../src/support/errors.js';
import { begin, definition, newTrials } from '../contract/harness.js';

describe('SQLite file', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sweepyard-'));
    path = join(directory, 'sweepyard.db');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** The message of the EnvironmentError that opening ends with. */
  async function refusal(options: { directory?: string; readOnly?: boolean } = {}): Promise<string> {
    const error: unknown = await openStore({ directory, ...options }).then(
      (store) => store.close(),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message;
  }

  test('a reader - makes no file, and no schema', async () => {
    expect(await refusal({ readOnly: true })).toBe(
      `there is no database ${path}: no sweep has run here yet. Choose the folder of your sweeps with --dir.`,
    );
    await writeFile(path, '');
    expect(await refusal({ readOnly: true })).toBe(
      `the database ${path} is empty: no sweep has run there yet.`,
    );
  });

  test('a file that is no database - is named, and left as it is', async () => {
    await writeFile(path, 'name: not-a-database\n'.repeat(100));
    expect(await refusal()).toBe(
      `the database ${path} is not a Sweepyard database: move it away, or choose another folder with --dir`,
    );
  });

  test('the database of another program - is named, and left as it is', async () => {
    const client = createClient({ url: `file:${path}` });
    await client.execute('CREATE TABLE customers (id INTEGER)');
    client.close();
    expect(await refusal()).toContain(`the database ${path} belongs to another program`);
  });

  test('a damaged file - is named', async () => {
    const store = await openStore({ directory });
    const { id } = await store.createSweep({ definition: definition(), source: '' });
    await store.addTrials(id, newTrials(500));
    await store.close();
    const file = await openFile(path, 'r+');
    // Everything but the first page, which says what the file is.
    await file.write(Buffer.alloc(40 * 4096, 0x5a), 0, 40 * 4096, 4096);
    await file.close();
    expect(await refusal()).toContain(`the database ${path} is damaged`);
  });

  test('a folder that cannot be made - is named', async () => {
    await writeFile(join(directory, 'file'), '');
    const below = join(directory, 'file', 'sweeps');
    expect(await refusal({ directory: below })).toMatch(
      new RegExp(`^the folder ${below} cannot be made: .*ENOTDIR.*Choose another one with --dir.$`),
    );
  });

  test('a folder that may not be written - is named', async (context) => {
    const asNobody = process.seteuid;
    // Root may write everywhere; the modules are loaded by now, which nobody may not be able to.
    if (process.geteuid?.() === 0 && asNobody) {
      await chmod(directory, 0o755);
      asNobody.call(process, 65534);
    } else if (process.geteuid === undefined) {
      return context.skip('there are no such folders on this system');
    } else {
      await chmod(directory, 0o555);
    }
    try {
      expect(await refusal()).toBe(
        `the database ${path} cannot be opened: make the file and its folder readable and writable, or choose another folder with --dir`,
      );
    } finally {
      if (process.getuid?.() === 0) asNobody?.call(process, 0);
      await chmod(directory, 0o755);
    }
  });

  test('a full disk - is an error that says so, and the store goes on once there is room', async () => {
    const database = await openSqlite(path, false);
    const store = new PrismaSweepStore(database);
    const { id } = await store.createSweep({ definition: definition(), source: '' });
    const [{ page_count: pages } = { page_count: 0n }] =
      await database.prisma.$queryRawUnsafe<{ page_count: bigint }[]>('PRAGMA page_count');
    await database.prisma.$queryRawUnsafe(`PRAGMA max_page_count = ${pages}`);
    await expect(store.addTrials(id, newTrials(2000))).rejects.toThrow(
      new EnvironmentError(
        `the database ${path} cannot grow, the disk is full: make room, then run the same command again`,
      ),
    );
    expect(await store.trials(id)).toEqual([]);
    await database.prisma.$queryRawUnsafe('PRAGMA max_page_count = 1000000');
    await store.addTrials(id, newTrials(2000));
    expect(await store.countTrials(id)).toMatchObject({ queued: 2000 });
    await store.close();
  });

  test('a write that fails half way - leaves nothing, and the connection free', async () => {
    const database = await openSqlite(path, false);
    const store = new PrismaSweepStore(database);
    const { id: sweepId } = await store.createSweep({ definition: definition(), source: '' });
    await store.addTrials(sweepId, newTrials(2));
    await database.prisma.$executeRawUnsafe(
      `CREATE TRIGGER late BEFORE INSERT ON decision BEGIN SELECT RAISE(ABORT, 'half way'); END`,
    );
    const batch = {
      sweepId,
      started: [begin(0)],
      decisions: [{ sweepId, action: 'x', reason: 'y', decidedAt: 1 }],
    };
    await expect(store.record(batch)).rejects.toThrow('half way');
    expect(await store.countTrials(sweepId)).toMatchObject({ queued: 2, running: 0 });
    expect(await store.attempts({ sweepId, number: 0 })).toEqual([]);
    await database.prisma.$executeRawUnsafe('DROP TRIGGER late');
    await store.record(batch);
    expect(await store.countTrials(sweepId)).toMatchObject({ queued: 1, running: 1 });
    await store.close();
  });

  test('settings of the connection - outlive its transactions', async () => {
    const database = await openSqlite(path, false);
    const store = new PrismaSweepStore(database);
    const { id } = await store.createSweep({ definition: definition(), source: '' });
    await store.addTrials(id, newTrials(1));
    const setting = async (name: string): Promise<unknown> =>
      Object.values((await database.prisma.$queryRawUnsafe<object[]>(`PRAGMA ${name}`))[0] ?? {})[0];
    expect(await setting('journal_mode')).toBe('wal');
    expect(Number(await setting('busy_timeout'))).toBe(10_000);
    expect(Number(await setting('synchronous'))).toBe(1);
    expect(Number(await setting('foreign_keys'))).toBe(1);
    await store.close();
  });

  test('several processes that start at once - make one database', async () => {
    await mkdir(join(directory, 'new'));
    const open = new URL('../../../src/store/open-store.ts', import.meta.url).href;
    const script = `
      const { openStore } = await import(${JSON.stringify(open)});
      const store = await openStore({ directory: process.argv[1] });
      console.log((await store.listSweeps()).length);
      await store.close();`;
    const starts = [1, 2, 3].map(async () => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script, join(directory, 'new')];
      const child = execFile(process.execPath, args);
      let output = '';
      child.stdout?.on('data', (chunk: string) => (output += chunk));
      child.stderr?.on('data', (chunk: string) => (output += chunk));
      await once(child, 'close');
      return output;
    });
    expect(await Promise.all(starts)).toEqual(['0\n', '0\n', '0\n']);
  });
});
