import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../../src/sweep/definition.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { amend, amended, type Amendments } from '../../../src/sweep/steering/amendments.js';
import { sweepActionSchema, type Settings } from '../../../src/sweep/steering/sweep-action.js';

const file = `
name: steered
trainable: ./objective.js
space:
  lr: { float: [1e-5, 1], log: true }
  units: { int: [4, 64], step: 4 }
  kind: [a, b]
  momentum: { float: [-1, 1], when: 'kind == "a"' }
constraints: ['units * lr <= 32']
objectives: { y: maximize }
search: { trials: 20 }
budget: { time: 1h }
`;
const read = readDefinition(file, { baseDirectory: '/' });
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const { definition } = read;

function set(settings: Settings, before: Amendments = {}): ReturnType<typeof amend> {
  return amend(definition, before, { action: 'set', settings }, 'a test');
}

function after(
  settings: Settings,
  before: Amendments = {},
): { amendments: Amendments; changes: readonly string[] } {
  const result = set(settings, before);
  if (!result.ok) throw new Error(result.problem);
  return result;
}

describe('amendments', () => {
  it('amendments - none leave the definition as it is', () => {
    expect(amended(definition, {})).toEqual(definition);
  });

  it('amendments - limits are set, changed and taken away, and each change is told', () => {
    const first = after({ concurrency: 8, trials: 200, time: 7200 });
    expect(first.changes).toEqual(['concurrency: no limit -> 8', 'trials: 20 -> 200', 'time: 3600 -> 7200']);
    const { workers, search, budget } = amended(definition, first.amendments);
    expect([workers.concurrency, search.trials, budget.time]).toEqual([8, 200, 7200]);
    const second = after({ time: null, trials: 200 }, first.amendments);
    expect(second.changes).toEqual(['time: 7200 -> no limit']);
    expect(amended(definition, second.amendments).budget).toEqual({});
  });

  it('amendments - narrowed bounds are never left by what is proposed, far apart as they are', () => {
    const { amendments, changes } = after({ bounds: { lr: [1e-4, 1.1e-4], units: [30, 41] } });
    expect(changes).toEqual(['lr: [0.00001, 1] -> [0.0001, 0.00011]', 'units: [4, 64] -> [30, 41]']);
    const space = compileSpace(amended(definition, amendments), amendments.bounds);
    const random = createRandom(1);
    const units = new Set<unknown>();
    for (let i = 0; i < 200; i++) {
      const configuration = space.random(random);
      expect(space.explain(configuration)).toBeUndefined();
      expect(configuration['lr']).toBeGreaterThanOrEqual(1e-4);
      expect(configuration['lr']).toBeLessThanOrEqual(1.1e-4);
      units.add(configuration['units']);
    }
    expect([...units].sort()).toEqual([32, 36, 40]);
  });

  it('amendments - bounds of the file come back, of a conditional parameter too', () => {
    const narrowed = after({ bounds: { lr: [0.1, 0.2], momentum: [-0.5, 0] } });
    expect(amended(definition, narrowed.amendments).constraints).toHaveLength(5);
    const space = compileSpace(amended(definition, narrowed.amendments), narrowed.amendments.bounds);
    expect(space.contains({ lr: 0.15, units: 4, kind: 'b' })).toBe(true);
    expect(space.contains({ lr: 0.15, units: 4, kind: 'a', momentum: 0.5 })).toBe(false);
    const back = after({ bounds: { lr: null, momentum: null } }, narrowed.amendments);
    expect(amended(definition, back.amendments)).toEqual(definition);
  });

  it.each([
    [{ bounds: { lrr: [1, 2] } }, 'there is no setting or parameter "lrr"'],
    [{ bounds: { kind: [1, 2] } }, '"kind" is a choice: only the bounds of numbers'],
    [{ bounds: { lr: [1e-6, 0.1] } }, 'must lie within those of the sweep file, [0.00001, 1]'],
    [{ bounds: { lr: [0.2, 0.1] } }, 'are the wrong way round'],
    [{ bounds: { lr: [0.1, 0.1] } }, 'must differ, but both are 0.1'],
    [{ bounds: { units: [33, 35] } }, 'no value of "units" lies within [33, 35]'],
    [
      { bounds: { lr: [0.9, 1], units: [40, 64] } },
      'within these bounds no configuration holds the constraint',
    ],
    [{ cost: 5 }, 'needs budget.pricePerGpuHour'],
    [{}, 'nothing is to be set'],
  ] as [Settings, string][])('amendments - %j is refused: %s', (settings, problem) => {
    const result = set(settings);
    expect(result).toMatchObject({ ok: false, wrong: true });
    expect(!result.ok && result.problem).toContain(problem);
  });

  it('amendments - a sweep is paused once, and goes on once', () => {
    const paused = amend(definition, {}, { action: 'pause', now: false }, 'ann@host');
    if (!paused.ok) throw new Error(paused.problem);
    expect(paused.amendments.paused?.reason).toBe('paused by ann@host');
    expect(amend(definition, paused.amendments, { action: 'pause', now: true }, 'bob')).toMatchObject({
      ok: false,
      problem: 'it is paused already: paused by ann@host',
    });
    const on = amend(definition, paused.amendments, { action: 'resume' }, 'bob');
    expect(on).toEqual({ ok: true, amendments: {}, changes: ['goes on'] });
    expect(amend(definition, {}, { action: 'resume' }, 'bob')).toMatchObject({ ok: false, wrong: false });
  });

  it('amendments - actions from outside are checked', () => {
    expect(sweepActionSchema.parse({ action: 'pause' })).toEqual({ action: 'pause', now: false });
    for (const wrong of [
      { action: 'explode' },
      { action: 'set', settings: { trials: 0 } },
      { action: 'set', settings: { retries: 1 } },
      { action: 'priority', priority: 0 },
      { action: 'cancel', trials: [] },
      { action: 'cancel', trials: [-1] },
      { action: 'pause', when: 'later' },
    ])
      expect(sweepActionSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });
});
