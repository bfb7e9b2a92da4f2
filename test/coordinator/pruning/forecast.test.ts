import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import type { Pruner } from '../../../src/coordinator/pruning/pruner.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { simulate, type SimulationOutcome } from '../../../src/coordinator/simulation/simulate.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { readDefinition } from '../../../src/sweep/definition.js';
import { sweepOver } from '../definitions.js';

const epochs = 27;
const space = '{ x: { float: [0, 1] }, z: { float: [0, 1] } }';

/** Who has a large x learns slowly and ends better, so that early values mislead; the best is x = 0.8, z = 0.4. */
function crossing({ x, z }: Parameters, step: number): number {
  const slow = 2 + 8 * Number(x);
  return 0.9 - (Number(x) - 0.8) ** 2 - (Number(z) - 0.4) ** 2 - 0.8 * Math.exp(-step / slow);
}

function definition(pruner: string, trials = 60, sampler = 'auto'): SweepDefinition {
  return sweepOver(space, `search: { trials: ${trials}, seed: 3, sampler: ${sampler} }\npruner: ${pruner}`);
}

function run(sweep: SweepDefinition, workers = 1): SimulationOutcome {
  const compiled = compileSpace(sweep);
  return simulate({
    definition: sweep,
    sampler: createSampler(sweep, compiled),
    ...(sweep.pruner && { pruner: createPruner(sweep.pruner, compiled) }),
    workers,
    trainable: ({ parameters }) => ({
      reports: epochs,
      report: (index) => ({ step: index + 1, metrics: { y: crossing(parameters, index + 1) } }),
      seconds: () => 1,
    }),
  });
}

function best({ book }: SimulationOutcome): number {
  const ends = book.trials
    .filter(({ state }) => state === 'completed')
    .map(({ metrics }) => metrics['y'] ?? 0);
  return Math.max(...ends);
}

const forecast = `{ type: forecast, min: 1, max: ${epochs} }`;
const optimum = crossing({ x: 0.8, z: 0.4 }, epochs);

describe('forecast', () => {
  it('forecast - finds what begins badly and ends well, where successive halving does not', () => {
    const [ours, halving] = [
      run(definition(forecast)),
      run(definition(`{ type: asha, max: ${epochs} }`, 60, 'tpe')),
    ];
    expect(optimum - best(ours)).toBeLessThan(0.01);
    expect(best(ours)).toBeGreaterThan(best(halving));
    // Most trials never ran whole.
    expect(ours.reports).toBeLessThan(0.5 * 60 * epochs);
    expect(ours.book.counts.pruned).toBeGreaterThan(30);
  });

  it('forecast - with four workers every trial ends, and decisions say where a trial stood', () => {
    const outcome = run(definition(forecast, 40), 4);
    expect(outcome.book.counts.completed + outcome.book.counts.pruned).toBe(40);
    expect(outcome.book.counts.completed).toBeGreaterThan(1);
    const reasons = outcome.decisions.map(({ reason }) => reason);
    expect(
      reasons.some((reason) => /^forecast: at step 3, rank \d+ of \d+ by its expected end/.test(reason)),
    ).toBe(true);
  });

  it('forecast - recalling the reports in another order of trials, it decides the same', () => {
    const sweep = definition(forecast);
    const compiled = compileSpace(sweep);
    const make = (): Pruner => {
      if (!sweep.pruner) throw new Error('no pruner');
      return createPruner(sweep.pruner, compiled);
    };
    const trials = Array.from({ length: 24 }, (_, number) => ({
      number,
      configuration: number,
      parameters: { x: (number * 0.37) % 1, z: (number * 0.61) % 1 },
    }));
    const [forward, backward] = [make(), make()];
    const reach = (number: number): number => (number % 8 === 0 ? 9 : number % 3 === 0 ? 3 : 1);
    const tell = (pruner: Pruner, order: readonly (typeof trials)[number][]): void => {
      for (const trial of order) {
        for (let step = 1; step <= reach(trial.number); step++)
          pruner.recall?.(trial, step, { y: crossing(trial.parameters, step) });
      }
    };
    tell(forward, trials);
    tell(backward, [...trials].reverse());
    const paused = new Set(trials.map(({ number }) => number));
    expect(backward.promote(paused, false)).toEqual(forward.promote(paused, false));
    expect(backward.promote(paused, true)).toEqual(forward.promote(paused, true));
    for (const { number } of trials) expect(backward.standing(number)).toBe(forward.standing(number));
  });

  it('forecast - the metric is missing or not a number: nothing breaks, and it never goes on', () => {
    const sweep = definition(forecast);
    if (!sweep.pruner) throw new Error('no pruner');
    const pruner = createPruner(sweep.pruner, compileSpace(sweep));
    const trial = (number: number): { number: number; configuration: number; parameters: Parameters } => ({
      number,
      configuration: number,
      parameters: { x: (number * 0.37) % 1, z: (number * 0.61) % 1 },
    });
    expect(pruner.report(trial(0), 1, { other: 1 }).action).toBe('continue');
    expect(pruner.hasSeenMetrics).toBe(false);
    for (let number = 0; number < 12; number++) {
      const y = number === 5 ? NaN : number === 6 ? -Infinity : crossing(trial(number).parameters, 1);
      pruner.report(trial(number), 1, { y });
    }
    const rank = (number: number): number => Number(/rank (\d+)/.exec(pruner.standing(number))?.[1]);
    expect(rank(5)).toBeGreaterThan(4);
    expect(rank(6)).toBeGreaterThan(4);
  });

  it('forecast - its default first step is a part of max, and max must be said', () => {
    expect(definition('{ type: forecast, max: 81 }').pruner).toMatchObject({ min: 3, max: 81, reduction: 3 });
    expect(definition('{ type: forecast, max: 10 }').pruner).toMatchObject({ min: 1 });
    const text = `name: t\ntrainable: { command: [a] }\nspace: ${space}\nobjectives: { y: maximize }\npruner: forecast\n`;
    expect(readDefinition(text, { baseDirectory: '/' }).ok).toBe(false);
  });
});
