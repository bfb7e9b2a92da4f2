import { rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findSweepToStart, loadBook } from '../../src/coordinator/recovery.js';
import { openStore } from '../../src/store/open-store.js';
import type { SweepRecord, SweepStore } from '../../src/store/sweep-store.js';
import { temporaryDirectory } from '../support/nats.js';
import { sweepOver } from './definitions.js';

const definition = sweepOver('{ a: { int: [1, 9] } }', 'search: { sampler: grid }');
const plain = { definition, again: false, retryFailed: false };

async function emptyStore(): Promise<SweepStore> {
  const directory = await temporaryDirectory();
  const store = await openStore({ directory });
  onTestFinished(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

/** A sweep with a trial in every state but paused: completed, failed, cancelled, running, queued. */
async function sweepWithTrials(store: SweepStore): Promise<SweepRecord> {
  const sweep = await store.createSweep({ definition, source: '' });
  const numbers = [0, 1, 2, 3, 4];
  await store.addTrials(
    sweep.id,
    numbers.map((number) => ({
      number,
      configuration: number,
      replicate: 0,
      seed: number,
      parameters: { a: number + 1 },
      origin: { grid: String(number) },
    })),
  );
  const start = (number: number, attempt: number) => ({ number, attempt, workerId: 'w', startedAt: 1 });
  const end = { metrics: {}, finishedAt: 2 };
  const crash = { class: 'crash', message: 'x' } as const;
  const failure = { class: 'lost', message: 'x' } as const;
  await store.record({
    sweepId: sweep.id,
    started: [start(0, 1), start(1, 1), start(2, 1), start(3, 1)],
    results: [
      { ...end, number: 0, attempt: 1, state: 'completed', metrics: { y: 1 }, details: { big: 'x' } },
      { ...end, number: 1, attempt: 1, state: 'failed', failure: crash },
      { ...end, number: 2, attempt: 1, state: 'cancelled', reason: 'stop' },
    ],
    requeued: [{ number: 3, attempt: 1, failure, finishedAt: 2 }],
  });
  await store.record({ sweepId: sweep.id, started: [start(3, 2)] });
  return sweep;
}

describe('recovery - which sweep a start is about', () => {
  it('recovery - none of that name: a new one; a stopped, failed or running one: resumed', async () => {
    const store = await emptyStore();
    expect(await findSweepToStart(store, plain)).toEqual({ kind: 'new' });
    const { id } = await sweepWithTrials(store);
    for (const state of ['running', 'stopped', 'failed'] as const) {
      await store.setSweepState(id, state);
      expect(await findSweepToStart(store, plain)).toMatchObject({ kind: 'resumed', sweep: { id } });
    }
    expect(await findSweepToStart(store, { ...plain, again: true })).toEqual({ kind: 'new' });
  });

  it('recovery - a completed one is finished, unless failed trials are to be tried again', async () => {
    const store = await emptyStore();
    const { id } = await sweepWithTrials(store);
    await store.setSweepState(id, 'completed');
    expect((await findSweepToStart(store, plain)).kind).toBe('finished');
    expect((await findSweepToStart(store, { ...plain, retryFailed: true })).kind).toBe('resumed');
  });

  it('recovery - what differs is named; the order of parameters counts, for the grid follows it', async () => {
    const store = await emptyStore();
    const ab = sweepOver('{ a: [1, 2], b: [1, 2] }');
    const { id } = await store.createSweep({ definition: ab, source: '' });
    expect((await findSweepToStart(store, { ...plain, definition: ab })).kind).toBe('resumed');
    const ba = sweepOver('{ b: [1, 2], a: [1, 2] }');
    expect(await findSweepToStart(store, { ...plain, definition: ba })).toEqual({
      kind: 'new',
      note: `space differs from sweep ${id} of the same name: a new sweep`,
    });
    const seeded = sweepOver('{ a: [1, 2], b: [1, 2] }', 'search: { seed: 2 }');
    expect(await findSweepToStart(store, { ...plain, definition: seeded })).toMatchObject({
      note: expect.stringMatching(/^search differs/) as string,
    });
  });
});

describe('recovery - the trials of a sweep', () => {
  it('recovery - reads them all, remembers failures, and queues cancelled trials again', async () => {
    const store = await emptyStore();
    const sweep = await sweepWithTrials(store);
    const { book, reopened } = await loadBook(store, sweep, false);
    expect(book.size).toBe(5);
    expect(book.configurations).toBe(5);
    expect(reopened).toMatchObject({ cancelled: 1, failed: 0 });
    expect(book.counts).toMatchObject({ completed: 1, failed: 1, cancelled: 0, running: 1, queued: 2 });
    expect(book.trials[0]).toMatchObject({ metrics: { y: 1 }, origin: { grid: '0' } });
    expect(book.trials[0]).not.toHaveProperty('details');
    expect(book.active.get(3)).toMatchObject({ losses: 1, countedFailures: 0, lastGranted: 2 });
    // The store has been told, and agrees.
    const stored = await store.trials(sweep.id);
    expect(stored.map(({ state }) => state)).toEqual(book.trials.map(({ state }) => state));
  });

  it('recovery - failed trials are queued again on demand, with all their retries', async () => {
    const store = await emptyStore();
    const sweep = await sweepWithTrials(store);
    const { book, reopened } = await loadBook(store, sweep, true);
    expect(reopened).toMatchObject({ cancelled: 1, failed: 1 });
    expect(book.active.get(1)).toMatchObject({ countedFailures: 0, lastGranted: 1 });
    expect(book.find(1)).not.toHaveProperty('failure');
    expect((await store.trial({ sweepId: sweep.id, number: 1 }))?.state).toBe('queued');
  });

  it('recovery - what a user had cancelled stays so, whether its worker was told or had not begun', async () => {
    const store = await emptyStore();
    const sweep = await sweepWithTrials(store);
    const cancel = { sweepId: sweep.id, action: 'cancel', reason: 'by ann', decidedAt: 3 };
    const decisions = [3, 4].map((number) => ({ ...cancel, number }));
    await store.record({ sweepId: sweep.id, decisions });
    const { book } = await loadBook(store, sweep, false);
    expect(book.active.get(3)).toMatchObject({ trial: { state: 'running' }, stop: { then: 'cancel' } });
    expect(book.find(4)).toMatchObject({ state: 'cancelled', reason: 'cancelled by ann' });
    expect((await store.trial({ sweepId: sweep.id, number: 4 }))?.state).toBe('cancelled');
    // And so it is the next time.
    const again = await loadBook(store, sweep, false);
    expect(again.book.find(4)?.state).toBe('cancelled');
  });

  it('recovery - failures before a trial was tried again on demand do not count, nor after a restart', async () => {
    const store = await emptyStore();
    const sweep = await sweepWithTrials(store);
    const failed = { sweepId: sweep.id, number: 1, action: 'fail', reason: 'attempt 1: crash', decidedAt: 2 };
    await store.record({ sweepId: sweep.id, decisions: [failed] });
    await loadBook(store, sweep, true);
    const restarted = await loadBook(store, sweep, false);
    expect(restarted.book.active.get(1)).toMatchObject({ countedFailures: 0, failedAt: [], lastGranted: 1 });
    const failure = { class: 'crash', message: 'x' } as const;
    await store.record({
      sweepId: sweep.id,
      started: [{ number: 1, attempt: 2, workerId: 'w', startedAt: 3 }],
      requeued: [{ number: 1, attempt: 2, failure, finishedAt: 4 }],
    });
    const later = await loadBook(store, sweep, false);
    expect(later.book.active.get(1)).toMatchObject({ countedFailures: 1, failedAt: ['w'], lastGranted: 2 });
  });

  it('recovery - remembers who lost their workers soon after they began', async () => {
    const store = await emptyStore();
    const sweep = await sweepWithTrials(store);
    const { book } = await loadBook(store, sweep, false);
    expect(book.active.get(3)).toMatchObject({ losses: 1, suddenLosses: 1 });
  });
});
