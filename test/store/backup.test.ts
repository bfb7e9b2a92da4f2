import { existsSync } from 'node:fs';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backUp, migrateStore, restore } from '../../src/store/backup.js';
import { openStore } from '../../src/store/open-store.js';
import type { SweepStore } from '../../src/store/sweep-store.js';
import { definition, newTrials, StoreHarness } from './contract/harness.js';
import { findPostgresql, startPostgresql, type PostgresqlServer } from './postgresql/postgresql-server.js';
import { sqlitePlace } from './sqlite/sqlite-place.js';

const programs = findPostgresql();
const skip = typeof programs === 'string';
let server: PostgresqlServer | undefined;
beforeAll(async () => {
  if (typeof programs !== 'string') server = await startPostgresql(programs);
});
afterAll(() => server?.stop());

/** A sweep with results, reports, a failure and a decision: a row in every table but one of workers. */
async function fill({ store }: StoreHarness, trials: number): Promise<string> {
  const { id } = await store.createSweep({
    definition: definition({}),
    source: 'x',
  });
  await store.addTrials(id, newTrials(trials));
  const numbers = Array.from({ length: trials }, (_, number) => number);
  await store.record({
    sweepId: id,
    started: numbers.map((number) => ({
      number,
      attempt: 1,
      workerId: 'w',
      startedAt: 1_000 + number,
      pack: [0, 1],
    })),
    logs: numbers.map((number) => ({ number, attempt: 1, sequence: 1, lines: ['é', 'x'], loggedAt: 2_000 })),
    reports: numbers.map((number) => ({
      number,
      attempt: 1,
      sequence: 1,
      step: 1,
      metrics: { accuracy: number / trials },
      reportedAt: 2_000,
    })),
    results: numbers.slice(1).map((number) => ({
      number,
      attempt: 1,
      state: 'completed',
      metrics: { accuracy: number / trials, memory: 1, time: 2 },
      finishedAt: 3_000,
    })),
    decisions: [{ sweepId: id, number: 0, action: 'retry', reason: 'é "quoted"', decidedAt: 4_000 }],
  });
  return id;
}

/** All that can be read of a sweep. */
async function contents(store: SweepStore, id: string): Promise<unknown> {
  return {
    sweep: await store.findSweep(id),
    trials: await store.trials(id),
    changes: await store.changesSince(id, 0, 1_000_000),
    counts: await store.countTrials(id),
    attempts: await store.attempts({ sweepId: id, number: 1 }),
    reports: await store.reports({ sweepId: id, number: 1 }),
    logs: await store.logsOf(id, [0, 1]),
    decisions: await store.decisions(id),
    workers: await store.listWorkers(),
  };
}

describe('backup and restore', () => {
  test('a backup that is taken while a coordinator writes is restored as it was', async () => {
    const harness = await StoreHarness.make(sqlitePlace);
    const { directory } = harness.place.options;
    // More than one page of copying.
    const id = await fill(harness, 2_500);
    const wanted = await contents(harness.store, id);
    const file = join(directory, 'backup.db');
    const writing = harness.newTrials(3_000);
    await backUp({ directory }, file);
    const other = await writing;
    await expect(backUp({ directory }, file)).rejects.toThrow('a backup never replaces a file');

    const target = join(directory, 'elsewhere');
    await mkdir(target);
    expect(await restore(file, { directory: target }, false)).toBeUndefined();
    const restored = await openStore({ directory: target });
    expect(await contents(restored, id)).toEqual(wanted);
    // The other sweep is there or not, and its trials all or none.
    const counted = (await restored.findSweep(other)) && (await restored.trials(other)).length;
    expect([undefined, 0, 3_000]).toContain(counted);
    await restored.close();

    await expect(restore(file, { directory: target }, false)).rejects.toThrow('--replace puts it aside');
    const aside = await restore(file, { directory: target }, true);
    expect(existsSync(aside!)).toBe(true);
    expect((await readdir(target)).filter((name) => name.startsWith('.sweepyard-copy'))).toEqual([]);
    await harness.dispose();
  });

  test('what is no backup, or a damaged one, changes nothing', async () => {
    const harness = await StoreHarness.make(sqlitePlace);
    const { directory } = harness.place.options;
    await fill(harness, 500);
    const file = join(directory, 'backup.db');
    await backUp({ directory }, file);
    await truncate(file, 40_000);
    const target = join(directory, 'elsewhere');
    await mkdir(target);
    await expect(restore(file, { directory: target }, false)).rejects.toThrow(/backup\.db is damaged/);
    const text = join(directory, 'notes.txt');
    await writeFile(
      text,
      'these are notes, and long enough not to be taken for an empty database file '.repeat(9),
    );
    await expect(restore(text, { directory: target }, false)).rejects.toThrow(/is not a Sweepyard database/);
    await expect(restore(join(directory, 'none'), { directory: target }, false)).rejects.toThrow(
      'there is no file',
    );
    expect(await readdir(target)).toEqual([]);
    await expect(backUp({ directory: target }, join(target, 'b.db'))).rejects.toThrow(
      'no sweep has run here yet',
    );
    await harness.dispose();
  });

  test.skipIf(skip)('a store moves to PostgreSQL, is backed up there, and comes back the same', async () => {
    const harness = await StoreHarness.make(sqlitePlace);
    const { directory } = harness.place.options;
    const id = await fill(harness, 2_100);
    const wanted = await contents(harness.store, id);
    const { options, remove } = await server!.place();
    const database = options.database!;
    const copied = await migrateStore(directory, database);
    expect(copied).toMatchObject({
      sweeps: 1,
      trials: 2_100,
      attempts: 2_100,
      reports: 2_100,
      logs: 2_100,
      decisions: 1,
    });
    const moved = await openStore({ directory, database });
    expect(await contents(moved, id)).toEqual(wanted);
    await expect(migrateStore(directory, database)).rejects.toThrow('holds 1 sweeps already');

    const file = join(directory, 'from-postgresql.db');
    await backUp({ directory, database }, file);
    await moved.close();
    const target = join(directory, 'elsewhere');
    await mkdir(target);
    await restore(file, { directory: target }, false);
    const back = await openStore({ directory: target });
    expect(await contents(back, id)).toEqual(wanted);
    await back.close();
    await remove();
    await harness.dispose();
  });
});
