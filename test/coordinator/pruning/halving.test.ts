import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DominationOrder } from '../../../src/coordinator/pruning/order.js';
import { rungsOf } from '../../../src/coordinator/pruning/rungs.js';
import { createRandom } from '../../../src/sweep/random.js';
import { paretoFront } from '../../../src/sweep/pareto.js';
import { HalvingPruner } from '../../../src/coordinator/pruning/halving-pruner.js';
import type { Decision } from '../../../src/coordinator/pruning/pruner.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { HalvingDefinition } from '../../../src/sweep/sweep-definition.js';
import { sweepOver } from '../definitions.js';

const space = compileSpace(sweepOver('{ x: [1, 2] }'));
const loss = { name: 'loss', direction: 'minimize' } as const;

function asha(more: Partial<HalvingDefinition> = {}): HalvingPruner {
  return new HalvingPruner(
    {
      type: 'asha',
      metrics: [loss],
      min: 1,
      max: 27,
      reduction: 3,
      resume: false,
      ...more,
    },
    space,
  );
}

const say = (pruner: HalvingPruner, number: number, step: number, value: number): Decision =>
  pruner.report({ number, configuration: number, parameters: {} }, step, { loss: value });
const actions = (pruner: HalvingPruner, step: number, values: readonly number[]): string[] =>
  values.map((value, number) => say(pruner, number, step, value).action);

/** A shuffled order of n numbers. */
const anyOrder = (n: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );

describe('asha - stopping', () => {
  it('asha - the first goes on, later ones only among the best third so far, and says why not', () => {
    const pruner = asha();
    expect(actions(pruner, 1, [5, 6, 4, 7, 4.5, 3, 1])).toEqual([
      'continue',
      'stop',
      'continue',
      'stop',
      'stop',
      'continue',
      'continue',
    ]);
    expect(say(pruner, 7, 1, 5.5)).toEqual({ action: 'stop', reason: 'asha: rank 6 of 8 at rung 1' });
  });

  it('asha - maximised metrics, values that are equal or not a number', () => {
    const pruner = asha({ metrics: [{ name: 'loss', direction: 'maximize' }] });
    expect(actions(pruner, 1, [1, 2, 0.5, 2])).toEqual(['continue', 'continue', 'stop', 'stop']);
    expect(say(pruner, 4, 1, NaN).action).toBe('stop');
  });

  it('asha - between the rungs, below the first and from max on nothing is decided', () => {
    const pruner = asha({ min: 3 });
    for (const step of [1, 2])
      expect(new Set(actions(pruner, step, [6, 7, 8, 9]))).toEqual(new Set(['continue']));
    expect(actions(pruner, 4, [1, 2, 3])).toEqual(['continue', 'stop', 'stop']);
    expect(say(pruner, 1, 5, 99).action).toBe('continue');
    // A report beyond max belongs to the highest rung below it.
    expect(say(pruner, 2, 27, 99).action).toBe('continue');
    expect(pruner.standing(2)).toBe('asha: rank 1 of 1 at rung 9');
  });

  it('asha - what was decided at a rung is not decided again by a later attempt', () => {
    const pruner = asha();
    actions(pruner, 3, [1, 2, 3]);
    expect(say(pruner, 0, 1, 100).action).toBe('continue');
    expect(say(pruner, 0, 3, 100).action).toBe('continue');
    expect(say(pruner, 3, 3, 50)).toEqual({ action: 'stop', reason: 'asha: rank 4 of 4 at rung 3' });
  });

  it('asha - at the last step nothing is decided, though 0.3 * 3 * 3 is less than 2.7', () => {
    expect([...rungsOf(0.3, 2.7, 3)]).toHaveLength(2);
    expect([...rungsOf(1, 27, 3)]).toEqual([1, 3, 9]);
    const endless = rungsOf(2, undefined, 2);
    expect([1, 2, 3].map(() => endless.next().value)).toEqual([2, 4, 8]);
    const whole = { min: 0.3, max: 2.7 };
    expect(new Set(actions(asha(whole), 2.7, [1, 2, 3, 4]))).toEqual(new Set(['continue', 'stop']));
    const pruner = asha(whole);
    actions(pruner, 0.9, [1, 2, 3, 4]);
    expect(new Set(actions(pruner, 2.7, [1, 2, 3, 4]))).toEqual(new Set(['continue']));
    expect(pruner.curves?.rungs).toHaveLength(3);
    expect(pruner.curves?.rungs.at(-1)).toBe(2.7);
    // A bracket for each rung, and the one that stops nothing.
    const hyperband = asha({ ...whole, type: 'hyperband' });
    const reasons = [0, 1, 2, 3, 4, 5].map((number) => {
      say(hyperband, number, 0.9, number);
      return hyperband.standing(number);
    });
    expect(reasons.every((reason) => reason.includes(' of 3: '))).toBe(true);
  });

  it('asha - a report without the metric is no report', () => {
    const pruner = asha();
    expect(pruner.report({ number: 0, configuration: 0, parameters: {} }, 9, { other: 1 }).action).toBe(
      'continue',
    );
    expect(pruner.hasSeenMetrics).toBe(false);
    say(pruner, 0, 1, 1);
    expect(pruner.hasSeenMetrics).toBe(true);
  });
});

describe('asha - pausing', () => {
  it('asha - of n trials at a rung a third is promoted exactly, the best ones, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }).chain((n) => anyOrder(n)),
        (order) => {
          const pruner = asha({ resume: true });
          const gone = new Set<number>();
          const paused = new Set<number>();
          // The number of a trial is its value: the lowest are the best.
          for (const number of order) {
            if (say(pruner, number, 1, number).action === 'continue') gone.add(number);
            else paused.add(number);
            for (const verdict of pruner.promote(new Set([...paused]), false)) {
              paused.delete(verdict.number);
              gone.add(verdict.number);
            }
          }
          const room = Math.floor(order.length / 3);
          expect(gone.size).toBeGreaterThanOrEqual(room);
          for (let best = 0; best < room; best++) expect(gone.has(best)).toBe(true);
          // Whoever else went on was among the best third when it did.
          expect(gone.size).toBeLessThanOrEqual(order.length);
          expect(pruner.promote(new Set([...paused]), false)).toEqual([]);
        },
      ),
    );
  });

  it('asha - from the highest rung down', () => {
    const pruner = asha({ resume: true });
    actions(pruner, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pruner.promote(new Set([0, 1, 2, 3]), false).map(({ number }) => number)).toEqual([0, 1, 2]);
    for (const number of [0, 1, 2]) say(pruner, number, 3, number);
    const promoted = pruner.promote(new Set([0, 1, 2, 3, 4]), false);
    expect(promoted).toEqual([{ number: 0, reason: 'asha: rank 1 of 3 at rung 3' }]);
  });

  it('asha - never ends with everything paused: at the end the best of each rung goes on, until one has run whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }).chain((n) => anyOrder(n)),
        fc.integer({ min: 2, max: 5 }),
        (order, reduction) => {
          const pruner = asha({ resume: true, reduction });
          const at = new Map<number, number>(order.map((number) => [number, 0]));
          const paused = new Set<number>();
          const whole = new Set<number>();
          const run = (number: number): void => {
            for (let step = (at.get(number) ?? 0) + 1; step <= 27; step++) {
              at.set(number, step);
              if (say(pruner, number, step, number).action === 'pause') return void paused.add(number);
            }
            whole.add(number);
          };
          order.forEach(run);
          for (let rounds = 0; rounds < 200; rounds++) {
            const next = [...pruner.promote(new Set([...paused]), false)];
            if (next.length === 0) next.push(...pruner.promote(new Set([...paused]), true));
            if (next.length === 0) break;
            for (const { number } of next) {
              paused.delete(number);
              run(number);
            }
          }
          expect(whole.size).toBeGreaterThanOrEqual(1);
          expect(whole.has(0)).toBe(true);
          expect(whole.size + paused.size).toBe(order.length);
        },
      ),
    );
  });

  it('asha - told the same reports trial by trial, it comes to the same: the order among trials is no matter', () => {
    const value = (number: number, step: number): number => ((number * 7919) % 101) / (step + 1);
    const report = (pruner: HalvingPruner, number: number): void => {
      for (let step = 1; step <= (number % 3 === 0 ? 9 : 3); step++)
        say(pruner, number, step, value(number, step));
    };
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const [forward, backward] = [asha({ resume: true }), asha({ resume: true })];
    for (const number of numbers) report(forward, number);
    for (const number of [...numbers].reverse()) report(backward, number);
    expect(backward.promote(new Set(numbers), false)).toEqual(forward.promote(new Set(numbers), false));
    for (const number of numbers) expect(backward.standing(number)).toBe(forward.standing(number));
    expect(say(backward, 40, 1, 0.2)).toEqual(say(forward, 40, 1, 0.2));
  });
});

describe('hyperband', () => {
  const definition = {
    type: 'hyperband',
    metrics: [loss],
    min: 1,
    max: 27,
    reduction: 3,
    resume: false,
  } as const;

  it('hyperband - configurations are shared among brackets as in the paper, evenly spread', () => {
    const pruner = new HalvingPruner(definition, space);
    const brackets = new Map<string, number[]>();
    // The second one in a bracket, and worse, is stopped with the bracket's name; the last bracket stops nothing.
    for (let configuration = 0; configuration < 200; configuration++) {
      const decision = pruner.report({ number: configuration, configuration, parameters: {} }, 1, {
        loss: configuration,
      });
      const later = pruner.report({ number: configuration, configuration, parameters: {} }, 9, {
        loss: configuration,
      });
      const reason = [decision, later]
        .map((one) => ('reason' in one ? one.reason : ''))
        .find((text) => text !== '');
      const name = reason === undefined ? 'none' : reason.slice(0, 'hyperband: bracket 1 of 4'.length);
      brackets.set(name, [...(brackets.get(name) ?? []), configuration]);
    }
    // reduction^rungs * brackets / (rungs + 1): 27, 12, 6 and 4 of every 49.
    expect(brackets.get('hyperband: bracket 1 of 4')?.length).toBeGreaterThan(100);
    expect(brackets.get('hyperband: bracket 2 of 4')?.length).toBeGreaterThan(40);
    expect(brackets.get('hyperband: bracket 3 of 4')?.length).toBeGreaterThan(18);
    expect(brackets.get('none')?.length).toBeGreaterThan(12);
  });
});

describe('asha - several objectives', () => {
  const both = [loss, { name: 'memory', direction: 'minimize' }] as const;
  const report = (pruner: HalvingPruner, number: number, costs: readonly [number, number]): Decision =>
    pruner.report({ number, configuration: number, parameters: {} }, 1, { loss: costs[0], memory: costs[1] });

  it('asha - what nothing dominates goes on before what is dominated, and both ends of the front do', () => {
    const pruner = asha({ metrics: both, resume: true });
    const points: [number, number][] = [
      [1, 9],
      [9, 1],
      [5, 5],
      [9, 9],
      [10, 10],
      [8, 8],
    ];
    points.forEach((point, number) => report(pruner, number, point));
    const promoted = pruner.promote(new Set([0, 1, 2, 3, 4, 5]), false).map(({ number }) => number);
    expect(promoted).toEqual([0, 1]);
    expect(pruner.standing(2)).toBe('asha: rank 3 of 6 at rung 1');
    expect(pruner.standing(4)).toBe('asha: rank 6 of 6 at rung 1');
  });

  it('asha - the best few are the beginning of the order of all, which begins with the front', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 1)),
          {
            minLength: 1,
            maxLength: 30,
          },
        ),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 2, max: 3 }),
        (all, count, axes) => {
          const points = all.map((point) => point.slice(0, axes));
          const sorted = new DominationOrder(points);
          const order = sorted.best(points.length);
          expect(sorted.best(count)).toEqual(order.slice(0, count));
          expect(order.map((index) => sorted.rank(index))).toEqual(order.map((_, place) => place + 1));
          expect([...order].sort((a, b) => a - b)).toEqual(points.map((_, index) => index));
          // The first ones are the front.
          const front = paretoFront(points, points[0]?.map(() => 'minimize') ?? []);
          expect(order.slice(0, front.length).sort((a, b) => a - b)).toEqual(front);
        },
      ),
    );
  });

  it('asha - with two metrics a report among a thousand takes well under the 8 ms that ranking front by front took', () => {
    const pruner = asha({ metrics: both });
    const random = createRandom(2);
    const next = (number: number): Decision => report(pruner, number, [random.next(), random.next()]);
    for (let number = 0; number < 1000; number++) next(number);
    const before = process.cpuUsage().user;
    for (let number = 1000; number < 1050; number++) next(number);
    expect((process.cpuUsage().user - before) / 1000 / 50).toBeLessThan(3);
  });

  it('asha - a report that lacks one of the metrics is no report', () => {
    const pruner = asha({ metrics: both });
    expect(pruner.report({ number: 0, configuration: 0, parameters: {} }, 1, { loss: 1 }).action).toBe(
      'continue',
    );
    expect(pruner.hasSeenMetrics).toBe(false);
  });

  it('asha - a cost that is not finite ranks last and holds nothing up', () => {
    const pruner = asha({ metrics: both, resume: true });
    report(pruner, 0, [NaN, 1]);
    report(pruner, 1, [1, 1]);
    report(pruner, 2, [2, 2]);
    expect(pruner.promote(new Set([0, 1, 2]), false).map(({ number }) => number)).toEqual([1]);
    expect(pruner.standing(0)).toBe('asha: rank 3 of 3 at rung 1');
  });
});
