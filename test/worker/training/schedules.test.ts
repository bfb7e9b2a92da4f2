import { describe, expect, test } from 'vitest';
import {
  afterEvaluation,
  type StoppingOptions,
  type StoppingState,
} from '../../../src/worker/training/early-stopping.js';
import { createSchedule, type ScheduleOptions } from '../../../src/worker/training/schedules.js';
import { largestDifference, torchReference } from './reference.js';

const passes = 20;

describe('schedules - learning rates', () => {
  test.each<[string, ScheduleOptions]>([
    ['exponential', { schedule: 'exponential', decayRate: 0.5, decayPasses: 4 }],
    ['step', { schedule: 'step', decayRate: 0.5, decayPasses: 4 }],
    ['cosine', { schedule: 'cosine' }],
    ['warmup and cosine', { schedule: 'cosine', warmup: 5 }],
  ])("%s is PyTorch's at the start of every pass", (name, options) => {
    const schedule = createSchedule(options, passes);
    const rates = Array.from({ length: passes }, (_, pass) => schedule(0.1, pass));
    expect(largestDifference(rates, torchReference.schedules[name]!)).toBeLessThan(1e-9);
  });

  test('a warm-up alone rises to the rate and stays there', () => {
    const schedule = createSchedule({ warmup: 2 }, passes);
    expect([0, 0.5, 1, 2, 7].map((time) => schedule(0.4, time))).toEqual([0, 0.1, 0.2, 0.4, 0.4]);
  });

  test('constant is the rate itself', () => {
    expect(createSchedule({}, passes)(0.3, 7.5)).toBe(0.3);
  });

  test('a range test rises geometrically, whatever the rate', () => {
    const schedule = createSchedule({ lrRange: [1e-5, 1e-1] }, 30);
    expect(schedule(0.3, 0)).toBeCloseTo(1e-5, 12);
    expect(schedule(0.3, 15)).toBeCloseTo(1e-3, 10);
    expect(schedule(0.3, 30)).toBeCloseTo(1e-1, 8);
    expect(schedule(0.3, 8) / schedule(0.3, 7)).toBeCloseTo(schedule(0.3, 21) / schedule(0.3, 20), 10);
  });
});

describe('early stopping - evaluations', () => {
  /** Feeds evaluations until one stops. @returns which (from 1), and why */
  function run(
    options: StoppingOptions,
    evaluations: readonly [accuracy: number, loss: number][],
  ): [number, string] | undefined {
    let state: StoppingState | undefined;
    for (const [index, [accuracy, loss]] of evaluations.entries()) {
      const next = afterEvaluation(state, { accuracy, loss }, options);
      if (next.stop !== undefined) return [index + 1, next.stop];
      state = next.state;
    }
    return undefined;
  }
  const falling: [number, number][] = [5, 4, 3, 3, 3, 3].map((loss) => [0.5, loss]);

  test('nothing said: never', () => {
    expect(run({}, [...falling, ...falling, ...falling])).toBeUndefined();
  });

  test('stopAt: the first accuracy above it, not one equal to it', () => {
    const stop = run({ stopAt: 0.92 }, [
      [0.9, 1],
      [0.92, 1],
      [0.9203, 1],
      [0.93, 1],
    ]);
    expect(stop).toEqual([3, 'accuracy 0.9203 is above stopAt 0.92']);
  });

  test('patience: after so many evaluations without a smaller loss', () => {
    expect(run({ patience: 2 }, falling)).toEqual([5, 'no better loss in 2 evaluations (patience)']);
    expect(run({ patience: 3 }, falling)?.[0]).toBe(6);
    expect(run({ patience: 4 }, falling)).toBeUndefined();
  });

  test('patience: a new best begins the count anew', () => {
    const losses = [3, 4, 2, 3, 1, 2, 2].map((loss): [number, number] => [0.5, loss]);
    expect(run({ patience: 2 }, losses)?.[0]).toBe(7);
  });

  test('monitor: accuracy looks at the largest accuracy', () => {
    const stop = run({ patience: 2, monitor: 'accuracy' }, [
      [0.5, 1],
      [0.6, 2],
      [0.6, 0.5],
      [0.59, 0.4],
    ]);
    expect(stop).toEqual([4, 'no better accuracy in 2 evaluations (patience)']);
  });
});
