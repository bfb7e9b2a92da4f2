import { describe, expect, it } from 'vitest';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { simulate, type SimulationOutcome } from '../../../src/coordinator/simulation/simulate.js';
import type {
  VirtualTrainable,
  VirtualTrial,
} from '../../../src/coordinator/simulation/virtual-trainable.js';
import { pbtOriginOf } from '../../../src/sweep/pbt.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { sweepOver } from '../definitions.js';

const steps = 100;

/**
 * Gradient descent with noise on a bowl, in expectation: the mean square distance from its bottom shrinks by (1 - lr)^2 a
 * step and gains lr^2 of noise. A large rate is fast and stays far away, a small one is slow: the best is one that falls.
 */
class Descent implements VirtualTrial {
  readonly reports = steps;
  readonly #distances: number[];

  constructor(
    private readonly lr: number,
    from?: Descent,
  ) {
    this.#distances = from ? [...from.#distances] : [];
  }

  report(index: number): { step: number; metrics: { y: number } } {
    for (let i = this.#distances.length; i <= index; i++)
      this.#distances.push((1 - this.lr) ** 2 * (this.#distances[i - 1] ?? 1e4) + this.lr ** 2);
    return { step: index + 1, metrics: { y: -Math.log10(this.#distances[index] ?? NaN) } };
  }

  seconds(): number {
    return 1;
  }
}

const descent: VirtualTrainable = ({ parameters }, from) =>
  new Descent(Number(parameters['lr']), from instanceof Descent ? from : undefined);

function run(search: string, workers = 8): SimulationOutcome {
  const definition = sweepOver('{ lr: { float: [1e-4, 1], log: true } }', `search: { ${search} }`);
  const sampler = createSampler(definition, compileSpace(definition));
  return simulate({ definition, sampler, trainable: descent, workers });
}

/** The best of those that were trained to the end. */
function bestOf({ book }: SimulationOutcome): number {
  return Math.max(
    ...book.trials.flatMap(({ lastStep, metrics }) => (lastStep === steps ? (metrics['y'] ?? []) : [])),
  );
}

/** What the best rate that never changes comes to, found by trying 2,000. */
function bestConstant(): number {
  const rates = Array.from({ length: 2000 }, (_, i) => 10 ** (-4 + i / 500));
  return Math.max(...rates.map((lr) => new Descent(lr).report(steps - 1).metrics.y));
}

describe('pbt - on a toy where the rate must fall', () => {
  it('pbt - one population finds a schedule that is better than the best rate that never changes', () => {
    const constant = bestConstant();
    expect(constant).toBeCloseTo(1.39, 1);
    const found = Array.from({ length: 9 }, (_, seed) =>
      bestOf(run(`sampler: pbt, population: 16, steps: ${steps}, interval: 5, seed: ${seed}`)),
    ).sort((a, b) => a - b);
    // In powers of ten; 2 is the most that any schedule comes to.
    expect(found[0]).toBeGreaterThan(constant);
    expect(found[4]).toBeGreaterThan(constant + 0.3);
    expect(found[8]).toBeLessThan(2.01);
  });

  it('pbt - without changes the same population comes to no more than one of its rates', () => {
    const still = `sampler: pbt, population: 16, steps: ${steps}, interval: 5, resample: 0, perturb: [0.999999, 1.000001]`;
    expect(bestOf(run(still))).toBeLessThan(bestConstant() + 0.2);
  });

  it('pbt - the rate falls along the way of the best', () => {
    const { book } = run(`sampler: pbt, population: 16, steps: ${steps}, interval: 5`);
    const best = bestOf({ book } as SimulationOutcome);
    let trial = book.trials.find(({ metrics }) => metrics['y'] === best);
    const rates: number[] = [];
    while (trial) {
      rates.unshift(Number(trial.parameters['lr']));
      const { from } = pbtOriginOf(trial) ?? {};
      trial = from === undefined ? undefined : book.find(from);
    }
    expect(rates).toHaveLength(20);
    expect(rates.at(-1)).toBeLessThan((rates[0] ?? 0) / 5);
  });

  it.each([1, 3, 8, 16, 40])(
    'pbt - with %i workers every interval is trained once and nobody waits long',
    (workers) => {
      const search = `sampler: pbt, population: 16, steps: ${steps}, interval: 10`;
      const { book, seconds, slotSeconds, reports, decisions } = run(search, workers);
      expect(book.counts).toMatchObject({ completed: 160, queued: 0, running: 0 });
      expect(reports).toBe(16 * steps);
      expect(slotSeconds).toBe(16 * steps);
      // Members do not run ahead: the last round may leave workers without work.
      expect(seconds).toBeLessThanOrEqual(Math.ceil(160 / Math.min(workers, 16) + 10) * 10);
      expect(decisions).toHaveLength(144);
    },
  );
});
