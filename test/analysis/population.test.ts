import { describe, expect, it } from 'vitest';
import { intervalsText, rankMembers, rankSweep } from '../../src/analysis/ranking.js';
import { lastIntervals } from '../../src/sweep/pbt.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';
import type { Trial } from '../../src/sweep/trial.js';
import { definitionOf, sweepOver } from '../coordinator/definitions.js';

const definition: SweepDefinition = definitionOf(
  'name: p\ntrainable: ./t.ts\nspace: { lr: { float: [0, 1] } }\nobjectives: { y: maximize, size: minimize }\n' +
    'search: { sampler: pbt, population: 2, steps: 30, interval: 10 }\n',
);

/** Intervals as (member, generation, y, size), by number. */
function intervals(...of: readonly (readonly [number, number, number, number])[]): Trial[] {
  return of.map(([member, generation, y, size], number) => ({
    sweepId: 'p',
    number,
    configuration: number,
    replicate: 0,
    seed: number,
    parameters: { lr: 0.1 },
    state: 'completed',
    attempts: 1,
    metrics: { y, size },
    origin: { pbt: { member, generation, until: 10 * (generation + 1) } },
    createdAt: 0,
  }));
}

describe('ranking of a population', () => {
  it('ranking - has each member once, at its last interval, whatever came first', () => {
    const trials = intervals([0, 0, 0.2, 5], [1, 0, 0.1, 5], [1, 1, 0.4, 5], [0, 1, 0.3, 5], [0, 2, 0.5, 5]);
    const { rows } = rankMembers(definition, trials);
    expect(rows.map(({ trials: [trial] }) => trial?.number)).toEqual([4, 2]);
    const text = intervalsText(definition, trials, rankMembers(definition, trials));
    expect(text).toBe(
      '2 members, each at the last interval that it has completed (coordinator trials lists all 5).',
    );
  });

  it('ranking - an interval that did not complete is not the last one', () => {
    const trials = intervals([0, 0, 0.2, 5], [0, 1, 0.3, 5]);
    const failed = trials.map((trial, i) => (i === 1 ? { ...trial, state: 'failed' as const } : trial));
    expect(lastIntervals(failed).map(({ number }) => number)).toEqual([0]);
  });

  it('ranking - says where an earlier interval was better, and calls nothing Pareto that it beats', () => {
    const trials = intervals([0, 0, 0.9, 4], [1, 0, 0.1, 5], [0, 1, 0.6, 5], [1, 1, 0.5, 3]);
    const ranking = rankMembers(definition, trials);
    expect(intervalsText(definition, trials, ranking)).toContain(
      'Better than these was an earlier interval, trial 0 with y 0.9.',
    );
    expect(ranking.rows.map(({ configuration, pareto }) => [configuration, pareto])).toEqual([
      [2, false],
      [3, true],
    ]);
  });

  it('ranking - of any other sweep is the same as ever', () => {
    const trials = intervals([0, 0, 0.2, 5], [0, 1, 0.3, 5]);
    const usual = sweepOver('{ lr: { float: [0, 1] } }', 'search: { trials: 9 }');
    expect(rankMembers(usual, trials)).toEqual(rankSweep(usual, trials));
  });
});
