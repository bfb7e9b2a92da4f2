import { describe, expect, it } from 'vitest';
import { prospects } from '../../../src/analysis/best.js';
import { rankSweep } from '../../../src/analysis/ranking.js';
import { nextReplicates, type RacingLoad } from '../../../src/coordinator/racing/next-replicates.js';
import { racingProspects } from '../../../src/coordinator/racing/racing-prospects.js';
import { createRandom } from '../../../src/sweep/random.js';
import type { FailureClass, Trial } from '../../../src/sweep/trial.js';
import { completed, definitionOf } from '../../analysis/sweeps.js';

const definition = definitionOf(`
space: { x: { int: [0, 99] } }
objectives: { loss: minimize }
limits: ['loss >= 0 or loss < 0']
replicates: { min: 1, max: 5 }
search: { sampler: random, trials: 100 }
`);
const end: RacingLoad = { room: 4, isSearched: true, budgetUsed: 0 };

/** Trials from the results of each configuration. */
function historyOf(results: readonly (readonly number[])[]) {
  const trials = results.flatMap((values, configuration) =>
    values.map((loss, replicate) =>
      completed(0, { configuration, replicate, parameters: { x: configuration }, metrics: { loss } }),
    ),
  );
  return { trials: trials.map((trial, number) => ({ ...trial, number })), configurations: results.length };
}

const configurationsOf = (wanted: ReturnType<typeof nextReplicates>): number[] =>
  wanted.map(({ configuration }) => configuration);

describe('racing', () => {
  it('racing - where nothing is known of the noise the best get a second seed', () => {
    const history = historyOf([[5], [1], [2], [9], [3]]);
    const wanted = nextReplicates(definition, history, end);
    expect(configurationsOf(wanted).slice(0, 3)).toEqual([1, 2, 4]);
    expect(wanted[0]).toMatchObject({ replicate: 1, parameters: { x: 1 } });
    expect(wanted[0]?.reason).toMatch(/second seed tells how noisy loss is/);
  });

  it('racing - contenders get more seeds, those with the fewest first; losers get none', () => {
    const history = historyOf([[1, 1.2, 1.1], [1.15, 1.05], [9, 9.2], [8]]);
    const wanted = nextReplicates(definition, history, end);
    expect(configurationsOf(wanted)).toEqual([1, 0, 1, 0]);
    expect(wanted.map(({ replicate }) => replicate)).toEqual([2, 3, 3, 4]);
    expect(wanted[0]?.reason).toMatch(/^race: the best of 4 configurations with \d+%; one of 2/);
  });

  it('racing - ends when one is told apart, and at the most replicates', () => {
    expect(
      nextReplicates(
        definition,
        historyOf([
          [1, 1.01, 1.02],
          [5, 5.02],
          [6, 6.1],
        ]),
        end,
      ),
    ).toEqual([]);
    const equal = historyOf([
      [1, 1.2, 1.1, 1.3, 1.2],
      [1.2, 1, 1.2, 1.2, 1.1],
    ]);
    expect(nextReplicates(definition, equal, end)).toEqual([]);
    const fixed = { ...definition, maxReplicates: 1 };
    expect(nextReplicates(fixed, historyOf([[5], [1], [2], [9]]), end)).toEqual([]);
  });

  it('racing - counts what runs, and holds the room and the trials that are left', () => {
    const history = historyOf([
      [1, 1.2],
      [1.15, 1.05],
      [9, 9.2],
    ]);
    const running: Trial = {
      ...completed(6, { configuration: 1, replicate: 2 }),
      state: 'running',
      metrics: {},
    };
    const wanted = nextReplicates(definition, { ...history, trials: [...history.trials, running] }, end);
    expect(wanted.slice(0, 2)).toMatchObject([
      { configuration: 0, replicate: 2 },
      { configuration: 1, replicate: 3 },
    ]);
    expect(nextReplicates(definition, history, { room: 1, isSearched: true, budgetUsed: 0 })).toHaveLength(1);
    const short = { ...definition, search: { ...definition.search, trials: 7 } };
    expect(nextReplicates(short, history, end)).toHaveLength(1);
  });

  it('racing - while the search goes on one seed at a time, and a third of the trials at most', () => {
    const load: RacingLoad = { room: 8, isSearched: false, budgetUsed: 0 };
    const history = historyOf([[1], [1.1], [1.2], [4], [5], [6], [7], [8], [9], [9]]);
    const first = nextReplicates(definition, history, load);
    expect(configurationsOf(first)).toEqual([0, 1, 2]);
    const much = historyOf([[1, 1.3, 1.2, 1.1], [1.1, 1.2, 1.3], [5], [6], [7]]);
    expect(nextReplicates(definition, much, load)).toEqual([]);
    expect(nextReplicates(definition, much, end).length).toBeGreaterThan(0);
  });

  it('racing - the last fifth of the trials is the race', () => {
    const history = historyOf([
      [1, 1.3, 1.2, 1.1],
      [1.1, 1.2, 1.3],
      ...Array.from({ length: 75 }, () => [5]),
    ]);
    expect(nextReplicates(definition, history, { room: 3, isSearched: false, budgetUsed: 0 })).toHaveLength(
      3,
    );
  });

  it('racing - where only a budget ends the search, the race has its third of the trials before its last fifth', () => {
    const { trials, ...search } = definition.search;
    const endless = { ...definition, search };
    expect(trials).toBe(100);
    const history = historyOf([[1, 1.3], [1.1], [1.2], [4], [5], [6], [7], [8], [9], [9]]);
    // Two more make a third of eleven: three, of which one is there.
    expect(nextReplicates(endless, history, { room: 16, isSearched: false, budgetUsed: 0 })).toHaveLength(2);
    const late = historyOf([[1, 1.3, 1.2, 1.1], [1.1, 1.2, 1.3], [5], [6], [7]]);
    expect(nextReplicates(endless, late, { room: 16, isSearched: false, budgetUsed: 0 })).toEqual([]);
    expect(
      nextReplicates(endless, late, { room: 16, isSearched: true, budgetUsed: 0 }).length,
    ).toBeGreaterThan(1);
  });

  it('racing - the last fifth of a budget is the race', () => {
    const endless = definitionOf(`
space: { x: { int: [0, 99] } }
objectives: { loss: minimize }
replicates: { min: 1, max: 5 }
search: { sampler: random }
budget: { time: 1h }
`);
    const history = historyOf([[1, 1.2, 1.1], [1.15, 1.05], [9, 9.2], [8]]);
    const wanted = (used: number): number[] =>
      configurationsOf(nextReplicates(endless, history, { room: 4, isSearched: false, budgetUsed: used }));
    // Four further replicates of eight trials are more than a third.
    expect(wanted(0.79)).toEqual([]);
    expect(wanted(0.81)).toEqual([1, 0, 1, 0]);
  });

  it('racing - who lost a replicate with its worker goes on racing, and gets another one', () => {
    const history = historyOf([[1, 1.2], [1.1, 1.3], [9, 9.2], [8]]);
    const failed = (kind: FailureClass): Trial => ({
      ...completed(7, { configuration: 0, replicate: 2 }),
      state: 'failed',
      failure: { class: kind, message: 'worker w1 is gone' },
      metrics: {},
    });
    const racing = (kind: FailureClass): readonly number[] =>
      configurationsOf(
        nextReplicates(definition, { ...history, trials: [...history.trials, failed(kind)] }, end),
      );
    for (const kind of ['lost', 'setup'] as const) expect(racing(kind)).toContain(0);
    for (const kind of ['trial', 'memory', 'timeout'] as const) expect(racing(kind)).not.toContain(0);
  });

  it('racing - what is known is worked out again only where a result has come', () => {
    const history = historyOf([]);
    const summaries = [
      { n: 2, mean: 1, spread: 0.3 },
      { n: 1, mean: 1.1 },
    ];
    const first = racingProspects(history, summaries, 'minimize', false);
    expect(first?.each).toHaveLength(2);
    expect(racingProspects(history, structuredClone(summaries), 'minimize', false)).toBe(first);
    const more = [...summaries.slice(0, 1), { n: 2, mean: 1.1, spread: 0.1 }];
    for (const other of [more, summaries.slice(0, 1)])
      expect(racingProspects(history, other, 'minimize', false)).toEqual(
        racingProspects(historyOf([]), other, 'minimize', false),
      );
    // The end of the race counts more draws.
    const end = racingProspects(history, summaries, 'minimize', true);
    expect(end).toEqual(prospects(summaries, 'minimize'));
    expect(end).not.toEqual(first);
  });

  it('racing - who failed or broke a limit does not race', () => {
    const limited = { ...definition, limits: ['loss >= 2'] };
    const history = historyOf([[1, 1.1], [2.2, 2.4], [2.3, 2.5], [2.1]]);
    const failed: Trial = {
      ...completed(7, { configuration: 2, replicate: 2 }),
      state: 'failed',
      metrics: {},
    };
    const wanted = nextReplicates(limited, { ...history, trials: [...history.trials, failed] }, end);
    expect(new Set(configurationsOf(wanted))).toEqual(new Set([1, 3]));
  });
});

/** Sixteen configurations, raced to the end; which one is returned, at what cost. */
function race(run: number, noise: number): { regret: number; trials: number; decided: boolean } {
  const random = createRandom(99, run);
  const truth = Array.from({ length: 16 }, () => random.normal());
  const trials: Trial[] = [];
  const train = (configuration: number, replicate: number): void => {
    const metrics = { loss: (truth[configuration] ?? 0) + noise * random.normal() };
    trials.push(
      completed(trials.length, { configuration, replicate, parameters: { x: configuration }, metrics }),
    );
  };
  truth.forEach((_, configuration) => train(configuration, 0));
  const raced = { ...definition, maxReplicates: 12, search: { ...definition.search, trials: 400 } };
  for (;;) {
    const wanted = nextReplicates(
      raced,
      { trials, configurations: 16 },
      { room: 6, isSearched: true, budgetUsed: 0 },
    );
    if (wanted.length === 0) break;
    for (const { configuration, replicate } of wanted) train(configuration, replicate);
  }
  const { rows, leaders } = rankSweep(raced, trials);
  const returned = truth[rows[0]?.configuration ?? 0] ?? 0;
  return {
    regret: returned - Math.min(...truth),
    trials: trials.length,
    decided: leaders?.configurations.length === 1,
  };
}

describe('racing, over many seeds', () => {
  it('racing - returns a worse configuration rarely, and at a fraction of the trials', () => {
    const runs = 50;
    const races = Array.from({ length: runs }, (_, run) => race(run, 0.4));
    // "Decided" means sure with 95%: wrong in one of twenty such races, give or take three standard errors.
    const decided = races.filter((one) => one.decided);
    const wrong = decided.filter(({ regret }) => regret > 0).length;
    expect(decided.length).toBeGreaterThan(runs / 3);
    expect(wrong / decided.length).toBeLessThan(0.05 + 3 * Math.sqrt(0.0475 / decided.length));
    // Whether decided or not: worse by more than the noise of one trial in at most one of fifty.
    expect(races.filter(({ regret }) => regret > 0.4).length).toBeLessThan(2);
    const trials = races.reduce((sum, one) => sum + one.trials, 0) / runs;
    expect(trials).toBeLessThan((16 * 12) / 3);
  });
});
