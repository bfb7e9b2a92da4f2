import { describe, expect, it } from 'vitest';
import { Fleet } from '../../../src/coordinator/fleet.js';
import { trialsToHaveReady, type FillState } from '../../../src/coordinator/packing/fill.js';
import { slotsOf } from '../../../src/coordinator/packing/outstanding.js';
import { packKeysOf } from '../../../src/coordinator/packing/pack-key.js';
import type { ActiveTrial } from '../../../src/coordinator/runner/trial-book.js';
import { readDefinition } from '../../../src/sweep/definition.js';
import { workerState } from '../../support/messages.js';

function keys(yaml: string): ReturnType<typeof packKeysOf> {
  const text = `name: s\nobjectives: { accuracy: maximize }\n${yaml}`;
  const read = readDefinition(text, { baseDirectory: '/' });
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join('; '));
  return packKeysOf(read.definition);
}

describe('packKeysOf', () => {
  it('packs - trials that differ in numbers of a model alone have one key', () => {
    const sweep = keys(
      'trainable: har\nfixed: { nhidden: 8 }\nspace: { lr: { float: [0.1, 1] }, l2: { float: [0, 1] } }\nsearch: { trials: 9 }',
    );
    expect(sweep?.isUniform).toBe(true);
    expect(sweep?.of({ parameters: { lr: 0.1, l2: 0 } })).toBe(sweep?.of({ parameters: { lr: 0.2, l2: 1 } }));
  });

  it('packs - another shape, fixed or searched, is another key; the order of parameters is none', () => {
    const sweep = keys(
      'trainable: har\nfixed: { architecture: lstm-stacked }\nspace: { lr: [0.1, 0.2], nhidden: [4, 8], layers: [1, 2] }',
    );
    expect(sweep?.isUniform).toBe(false);
    const four = sweep?.of({ parameters: { lr: 0.1, nhidden: 4, layers: 1 } });
    expect(sweep?.of({ parameters: { layers: 1, nhidden: 4, lr: 0.2 } })).toBe(four);
    expect(sweep?.of({ parameters: { lr: 0.1, nhidden: 8, layers: 1 } })).not.toBe(four);
    const other = keys(
      'trainable: har\nfixed: { architecture: lstm-stacked, passes: 3 }\nspace: { lr: [0.1, 0.2], nhidden: [4, 8], layers: [1] }',
    );
    expect(other?.of({ parameters: { lr: 0.1, nhidden: 4, layers: 1 } })).not.toBe(four);
  });

  it.each([
    'trainable: har\nworkers: { pack: off }',
    'trainable: har\nworkers: { pack: 1 }',
    'trainable: { command: [x] }',
  ])('packs - none with %j', (yaml) => expect(keys(`${yaml}\nspace: { lr: [0.1, 0.2] }`)).toBeUndefined());
});

describe('trialsToHaveReady', () => {
  const state: FillState = {
    room: 2,
    slots: 2,
    packSize: 8,
    isUniform: true,
    isIndependent: true,
    configurations: 50,
    ended: 40,
    open: 0,
    replicates: 1,
  };

  it('packs - a search that proposes blindly fills them', () => {
    expect(trialsToHaveReady(state)).toBe(16);
    expect(trialsToHaveReady({ ...state, isUniform: false })).toBe(64);
    expect(trialsToHaveReady({ ...state, isUniform: false, room: 100 })).toBe(800);
  });

  it('packs - a sampler that learns is asked for a tenth of what it knows, and at its start for all that is spread', () => {
    const learning = { ...state, isIndependent: false };
    expect(trialsToHaveReady(learning)).toBe(4);
    expect(trialsToHaveReady({ ...learning, open: 3 })).toBe(2);
    expect(trialsToHaveReady({ ...learning, ended: 400 })).toBe(16);
    expect(trialsToHaveReady({ ...learning, ended: 0, configurations: 0 })).toBe(10);
    expect(trialsToHaveReady({ ...learning, ended: 0, replicates: 3 })).toBe(6);
  });
});

describe('Fleet', () => {
  it('packs - of what workers have found out the smallest counts; a pack is one busy slot', () => {
    const fleet = new Fleet('default', () => 0);
    const running = [0, 1, 2].map((number) => ({ sweepId: 's', number, attempt: 1 }));
    expect(fleet.packSize('a')).toBeUndefined();
    fleet.update('one', workerState('one', { packs: [{ key: 'a', size: 6 }], running, busy: 1 }));
    fleet.update('two', workerState('two', { packs: [{ key: 'a', size: 4 }] }));
    expect([fleet.packSize('a'), fleet.packSize('b')]).toEqual([4, undefined]);
    expect([fleet.freeSlots, fleet.busySlots('one'), fleet.busySlots('three')]).toEqual([3, 1, undefined]);
    fleet.update('two', undefined);
    expect(fleet.packSize('a')).toBe(6);
  });
});

describe('slotsOf', () => {
  it('packs - take one slot each; of unknown ones a worker says how many', () => {
    const trial = (pack: number | undefined, workerId?: string): ActiveTrial =>
      ({ pack, trial: { workerId } }) as unknown as ActiveTrial;
    const trials = [
      trial(1),
      trial(1, 'w'),
      trial(2),
      trial(undefined),
      ...Array.from({ length: 5 }, () => trial(undefined, 'w')),
    ];
    expect(slotsOf(trials, () => 2)).toBe(2 + 1 + 2);
    expect(slotsOf(trials, () => undefined)).toBe(2 + 1 + 5);
  });
});
