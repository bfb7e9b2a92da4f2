import { beforeEach, describe, expect, it } from 'vitest';
import { Fleet } from '../../src/coordinator/fleet.js';
import { lostTrials } from '../../src/coordinator/runner/lost-trials.js';
import { TrialBook } from '../../src/coordinator/runner/trial-book.js';
import type { WorkerState } from '../../src/messaging/messages.js';

function state(workerId: string, more: Partial<WorkerState> = {}): WorkerState {
  return {
    version: 1,
    workerId,
    host: 'h',
    pid: 1,
    pool: 'default',
    state: 'running',
    slots: 2,
    backend: 'wasm',
    device: 'cpu',
    memoryBytes: 1,
    running: [],
    startedAt: 0,
    at: 0,
    ...more,
  };
}

describe('fleet', () => {
  let now = 0;
  let fleet = new Fleet('default', () => now);
  beforeEach(() => {
    now = 0;
    fleet = new Fleet('default', () => now);
  });

  it('fleet - counts the slots of workers that take assignments of this pool', () => {
    fleet.update('a', state('a'));
    fleet.update('b', state('b', { slots: 3, running: [{ sweepId: 's', number: 1, attempt: 1 }] }));
    fleet.update('c', state('c', { pool: 'other' }));
    fleet.update('d', state('d', { state: 'draining' }));
    expect([fleet.workers, fleet.slots, fleet.freeSlots]).toEqual([2, 5, 4]);
    fleet.markUnable('b', 'no data');
    expect(fleet.slots).toBe(2);
    fleet.update('a', undefined);
    expect(fleet.slots).toBe(0);
  });

  it('fleet - a worker that a user has put into quarantine gets nothing, also where it is alone', () => {
    fleet.update('a', state('a'));
    fleet.bar(['a']);
    expect([fleet.isUnable('a'), fleet.slots, fleet.ids]).toEqual([true, 0, ['a']]);
    expect(fleet.hasOther('b')).toBe(false);
    fleet.bar([]);
    expect([fleet.isUnable('a'), fleet.slots]).toEqual([false, 2]);
    expect(fleet.release('a')).toBe(false);
    expect([fleet.hasOther('b'), fleet.hasOther('b', ['a']), fleet.hasOther('a')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('fleet - says when nobody can train the sweep, and not when nobody is there', () => {
    expect(fleet.allUnable).toBeUndefined();
    fleet.update('a', state('a'));
    fleet.markUnable('a', 'no data');
    expect(fleet.allUnable).toBe('no data');
    fleet.update('b', state('b'));
    expect(fleet.allUnable).toBeUndefined();
    fleet.update('b', undefined);
    fleet.update('a', undefined);
    expect(fleet.allUnable).toBeUndefined();
  });

  it('fleet - a worker that spoke is alive for a while though the bus does not know it', () => {
    fleet.heard('a');
    now = 9_999;
    expect(fleet.isAlive('a')).toBe(true);
    now = 10_001;
    expect(fleet.isAlive('a')).toBe(false);
  });

  it('fleet - a worker that is gone is dead at once; one that ended in order has time for its last words', () => {
    fleet.update('a', state('a'));
    fleet.update('b', state('b'));
    fleet.update('a', undefined);
    fleet.update('b', state('b', { state: 'stopped' }));
    expect([fleet.isAlive('a'), fleet.isAlive('b')]).toEqual([false, true]);
    expect(fleet.takeRecords().map((record) => record.state)).toEqual(['lost', 'stopped']);
    expect(fleet.takeRecords()).toEqual([]);
  });

  it('fleet - trials of dead workers, and of workers that do not know of them, are lost', () => {
    const book = new TrialBook();
    const trial = { configuration: 0, replicate: 0, seed: 1, parameters: {} };
    const [first, second] = book.add(
      's',
      [
        { ...trial, number: 0 },
        { ...trial, number: 1 },
      ],
      0,
    );
    if (!first || !second) throw new Error('two trials');
    fleet.update('a', state('a', { running: [{ sweepId: 's', number: 0, attempt: 1 }] }));
    book.started(first, 1, 'a', 0);
    book.started(second, 1, 'a', 0);
    const lost = (): number[] => lostTrials(book, fleet, now).map(({ active }) => active.trial.number);
    // From the first look on they are known to run.
    expect(lost()).toEqual([]);
    now = 6_000;
    fleet.update('a', state('a', { running: [{ sweepId: 's', number: 0, attempt: 1 }] }));
    expect(lost()).toEqual([]);
    now = 16_001;
    expect(lost()).toEqual([1]);
    fleet.update('a', undefined);
    expect(lost()).toEqual([0, 1]);
  });
});
