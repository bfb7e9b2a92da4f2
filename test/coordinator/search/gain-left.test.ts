import { describe, expect, it } from 'vitest';
import { search } from '../../../bench/search/search-run.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { gainLeft, type GainLeft } from '../../../src/coordinator/search/gp/gain-left.js';
import { outcomeOf } from '../../../src/coordinator/runner/ending.js';
import { simulate, type SimulationOutcome } from '../../../src/coordinator/simulation/simulate.js';
import { recommend } from '../../../bench/search/recommend.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import type { Trial } from '../../../src/sweep/trial.js';
import { completed } from '../../analysis/sweeps.js';
import { sweepOver } from '../definitions.js';

const space = '{ a: { float: [0, 1] }, b: { float: [0, 1] } }';
const sweep = (sampler: string, trials: number, more = ''): SweepDefinition =>
  sweepOver(space, `search: { sampler: ${sampler}, trials: ${trials}, seed: 1${more} }`);
/** Two hills: 1.01 at (0.75, 0.25) and 0.71 at (0.2, 0.7). */
const hills = (a: number, b: number): number =>
  Math.exp(-8 * ((a - 0.75) ** 2 + (b - 0.25) ** 2)) + 0.7 * Math.exp(-8 * ((a - 0.2) ** 2 + (b - 0.7) ** 2));

function run(
  definition: SweepDefinition,
  noise = 0,
): { gain: GainLeft | undefined; best: number; trials: number } {
  const compiled = compileSpace(definition);
  let best = 0;
  const book = search(definition, createSampler(definition, compiled), ({ a, b }, seed) => {
    const value = hills(Number(a), Number(b));
    best = Math.max(best, value);
    return [value + noise * createRandom(seed).normal()];
  });
  return { gain: gainLeft(definition, compiled, book), best, trials: book.size };
}

describe('search - is there more to gain', () => {
  it('gain - says nothing of few results, that there is more of a coarse look, and no more at the top', () => {
    expect(run(sweep('random', 12)).gain).toBeUndefined();
    const coarse = run(sweep('sobol', 24)).gain;
    expect(coarse?.done).toBe(false);
    expect(coarse?.reason).toMatch(
      /^no more than .* to gain in y is expected \(gp, 97%\), .* would matter: not done$/,
    );
    const searched = run(sweep('gp', 70));
    expect(searched.best).toBeGreaterThan(0.99);
    expect(searched.gain?.done).toBe(true);
  });

  it('gain - what it says is left is no less than what is left, in nine of ten searches at least', () => {
    let kept = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const definition = sweep('sobol', 25);
      const { gain, best } = run({ ...definition, search: { ...definition.search, seed } });
      if ((gain?.atMost ?? 0) >= 1.001 - best - 0.01) kept++;
    }
    expect(kept).toBeGreaterThanOrEqual(18);
  });

  it('gain - stopWhenDone ends a search before its trials do, near the top', () => {
    const stopped = run(sweep('gp', 200, ', stopWhenDone: true'));
    expect(stopped.trials).toBeLessThan(100);
    expect(stopped.best).toBeGreaterThan(0.98);
  });

  it('gain - once done it waits for what is under way, which may show that there is more', () => {
    const definition = sweep('gp', 200, ', stopWhenDone: true, startWith: [{ a: 0.5 }]');
    const compiled = compileSpace(definition);
    const sampler = createSampler(definition, compiled);
    const random = createRandom(1);
    const trials: Trial[] = Array.from({ length: 60 }, (_, number) => {
      const parameters = number === 0 ? { a: 0.5, b: 0.5 } : compiled.random(random);
      const y = hills(Number(parameters['a']), Number(parameters['b'])) / 1e3;
      const origin = number === 0 ? { startWith: 0 } : null;
      return completed(number, { parameters, origin, metrics: { y: 1 + Math.round(y) } });
    });
    const asked = (last: Partial<Trial>): unknown[] => {
      const history = {
        trials: [...trials, completed(60, { parameters: { a: 0, b: 0 }, ...last })],
        configurations: 61,
      };
      return [sampler.suggest(history, 1, random).length, sampler.isWaiting?.(history)];
    };
    expect(asked({ state: 'running' })).toEqual([0, true]);
    expect(asked({ state: 'queued' })).toEqual([0, true]);
    // What is paused goes on only once no new trial will come.
    expect(asked({ state: 'paused' })).toEqual([0, false]);
    expect(asked({ state: 'cancelled' })).toEqual([0, false]);
    expect(asked({ metrics: { y: 7 } })[0]).toBe(1);
  });

  it('gain - a sweep that it ended says so; one that its trials ended does not', () => {
    const outcome = (trials: number): SimulationOutcome => {
      const definition = sweep('gp', trials, ', stopWhenDone: true, startWith: [{ a: 0.5 }]');
      return simulate({
        definition,
        sampler: createSampler(definition, compileSpace(definition)),
        trainable: ({ parameters: { a, b } }) => ({
          reports: 1,
          report: () => ({ step: 1, metrics: { y: hills(Number(a), Number(b)) } }),
          seconds: () => 1,
        }),
        workers: 2,
      });
    };
    const done = outcome(200);
    expect(done.book.size).toBeLessThan(100);
    expect(done.reason).toMatch(/^no more than .* to gain in y is expected .*: enough$/);
    expect(outcomeOf(done.book, undefined, done.reason)).toMatchObject({
      state: 'completed',
      reason: done.reason,
    });
    expect(outcome(15).reason).toBeUndefined();
  });

  it('gain - under noise, the recommended configuration is better than the one with the best value', () => {
    const regrets = Array.from({ length: 10 }, (_, i) => {
      const definition = sweep('random', 60);
      const seeded = { ...definition, search: { ...definition.search, seed: i + 1 } };
      const compiled = compileSpace(seeded);
      const truths: number[] = [];
      const told: number[] = [];
      const book = search(seeded, createSampler(seeded, compiled), ({ a, b }, seed) => {
        truths.push(hills(Number(a), Number(b)));
        told.push((truths.at(-1) ?? 0) + 0.4 * createRandom(seed).normal());
        return [told.at(-1) ?? 0];
      });
      const lucky = told.indexOf(Math.max(...told));
      const recommended = recommend(seeded, compiled, book) ?? -1;
      return [truths[recommended] ?? 0, truths[lucky] ?? 0] as const;
    });
    const mean = (k: 0 | 1): number => regrets.reduce((sum, pair) => sum + pair[k], 0) / regrets.length;
    expect(mean(0)).toBeGreaterThan(mean(1) + 0.05);
  });

  it('gain - where all results are the same nothing more is looked for, whatever they are', () => {
    const definition = sweep('random', 24);
    const compiled = compileSpace(definition);
    for (const value of [0, 1e-6, 5]) {
      const book = search(definition, createSampler(definition, compiled), () => [value]);
      expect(gainLeft(definition, compiled, book)).toEqual({
        atMost: 0,
        matters: 0,
        done: true,
        reason: 'all 24 configurations have the same y: enough',
      });
    }
  });
});
