import { describe, expect, it } from 'vitest';
import { observe } from '../../../src/coordinator/search/gp/observations.js';
import { Features } from '../../../src/coordinator/search/gp/features.js';
import { modelFeasibility } from '../../../src/coordinator/search/gp/models.js';
import { scalesOf } from '../../../src/coordinator/search/gp/trust-region.js';
import { Nsga2Sampler } from '../../../src/coordinator/search/nsga2/nsga2.js';
import { SobolSampler } from '../../../src/coordinator/search/sobol/sobol.js';
import { Ranker } from '../../../src/coordinator/search/tpe/ranking.js';
import { countsAsFailed, isToBlame } from '../../../src/sweep/blame.js';
import { compileLimits } from '../../../src/sweep/limits.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { FailureClass, Trial } from '../../../src/sweep/trial.js';
import { completed } from '../../analysis/sweeps.js';
import { definitionOf, sweepOver } from '../definitions.js';

const limited = sweepOver(
  '{ a: { float: [0, 1] } }',
  "search: { sampler: gp, trials: 50 }\nlimits: ['memory <= 100', 'loss < 2']",
);
const limits = compileLimits(limited);

function failed(number: number, rest: Partial<Trial>, failure: FailureClass = 'trial'): Trial {
  return completed(number, { state: 'failed', failure: { class: failure, message: 'x' }, ...rest });
}

describe('search - limits of trials that did not come to their end', () => {
  const trials = [
    completed(0, { metrics: { y: 0.5, memory: 50, loss: 1 } }),
    completed(1, { state: 'pruned', metrics: { y: 0.4, loss: 1 }, lastStep: 3 }),
    completed(2, { state: 'paused', metrics: { y: 0.4, loss: 1 }, lastStep: 3 }),
    completed(3, { state: 'pruned', metrics: { y: 0.4, loss: 3 }, lastStep: 9 }),
    completed(4, { metrics: { y: 0.9, loss: 1 } }),
    completed(5, { metrics: { y: 0.1, memory: 50, loss: 1 } }),
  ].map((trial) => ({ ...trial, parameters: { a: trial.number } }));

  it('limits - what is measured at the end alone is held against nobody before', () => {
    const { known } = observe({ trials }, limited.objectives, limits);
    expect(known.map(({ feasible }) => feasible)).toEqual([true, true, true, false, false, true]);
  });

  it('limits - tpe: completed, then stopped ones, then those that break a limit, stopped ones among them', () => {
    const ranker = new Ranker(limited.objectives, limits, 50, ({ a }) => Number(a));
    expect(ranker.rank({ trials, configurations: 6 }).ranked).toEqual([0, 5, 1, 2, 4, 3]);
  });
});

describe('search - who is to blame for a failure', () => {
  it('blame - not for a lost worker, nor for one that can not train it', () => {
    const classes = ['trial', 'memory', 'crash', 'hang', 'timeout', 'lost', 'setup'] as const;
    const blamed = classes.filter((name) => isToBlame(failed(0, {}, name)));
    expect(blamed).toEqual(['trial', 'memory', 'crash', 'hang', 'timeout']);
  });

  it('blame - a configuration of which half of the replicates failed is none to go by, for any sampler', () => {
    const replicates = (...made: readonly Trial[]): Trial[] =>
      made.map((trial, replicate) => ({ ...trial, configuration: 0, replicate, number: replicate }));
    const good = completed(0, { metrics: { y: 0.9 } });
    const cases: [Trial[], boolean][] = [
      [replicates(good, failed(1, {}), failed(2, {})), true],
      [replicates(good, failed(1, {})), true],
      [replicates(good, good, failed(2, {})), false],
      [replicates(good, failed(1, {}, 'lost'), failed(2, {}, 'lost')), false],
      [replicates(good, failed(1, {}), completed(2, { state: 'cancelled' })), true],
    ];
    const plain = sweepOver('{ a: { float: [0, 1] } }', 'search: { sampler: gp, trials: 50 }');
    for (const [trials, isFailed] of cases) {
      expect(countsAsFailed(trials)).toBe(isFailed);
      const { known } = observe({ trials }, plain.objectives, compileLimits(plain));
      expect(known.map(({ feasible }) => feasible)).toEqual([!isFailed]);
      const ranker = new Ranker(plain.objectives, compileLimits(plain), 50, (parameters) => parameters);
      const ranking = ranker.rank({ trials, configurations: 1 });
      expect([ranking.ranked.length, ranking.failed.length]).toEqual(isFailed ? [0, 1] : [1, 0]);
    }
  });
});

describe('search - where hardly anything counts', () => {
  it('nsga2 - while everything breaks limits, parents are those that break fewer, and among them the newest', () => {
    const definition = definitionOf(
      'name: s\ntrainable: { command: [train] }\nspace: { a: { float: [0, 1] } }\nobjectives: { f: minimize, g: minimize }\n' +
        "limits: ['f <= 1', 'g <= 1']\nsearch: { sampler: nsga2, trials: 999 }",
    );
    const space = compileSpace(definition);
    const sampler = new Nsga2Sampler(
      space,
      definition.objectives,
      compileLimits(definition),
      new SobolSampler(space, 1),
    );
    // The oldest break both limits; of the others, the first hundred lie elsewhere than the newest.
    const trials = Array.from({ length: 300 }, (_, number) => {
      const a = (number < 150 ? 0.9 : number < 250 ? 0.5 : 0.1) + number / 10_000;
      return completed(number, { parameters: { a }, metrics: { f: 100, g: number < 150 ? 100 : 0 } });
    });
    const children = sampler.suggest({ trials, configurations: 300 }, 40, createRandom(1));
    const near = children.filter(({ parameters: { a } }) => Math.abs(Number(a) - 0.1275) < 0.15);
    expect(near.length).toBeGreaterThan(30);
  });

  it.each([300, 1000])('gp - the few configurations that count among %i are learned from', (count) => {
    const space = compileSpace(
      sweepOver('{ a: { float: [0, 1] }, b: { float: [0, 1] } }', 'search: { sampler: gp, trials: 999 }'),
    );
    const features = new Features(space);
    const random = createRandom(3);
    const samples = Array.from({ length: count }, () => {
      const { a, b } = space.random(random);
      const feasible = Math.hypot(Number(a) - 0.3, Number(b) - 0.7) < 0.05;
      return { x: features.of({ a: Number(a), b: Number(b) }), count: 1, feasible };
    });
    expect(samples.filter(({ feasible }) => feasible).length).toBeLessThan(10);
    const model = modelFeasibility(features, samples, scalesOf(features, 1)) ?? expect.fail('no model');
    expect(model.predict(features.of({ a: 0.3, b: 0.7 })).mean).toBeGreaterThan(0.5);
    expect(model.predict(features.of({ a: 0.8, b: 0.2 })).mean).toBeLessThan(-0.5);
  });
});
