import { describe, expect, it } from 'vitest';
import { search } from '../../../bench/search/search-run.js';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { earlierResults } from '../../../src/coordinator/search/warm/earlier-results.js';
import { simulate } from '../../../src/coordinator/simulation/simulate.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { sweepOver } from '../definitions.js';

const epochs = 27;
const ranges = '{ x: { float: [0, 1] }, z: { float: [0, 1] } }';

/** What a trial ends with: best is 0 at x = 0.8, z = 0.4. */
function end({ x, z }: Parameters): number {
  return -((Number(x) - 0.8) ** 2) - (Number(z) - 0.4) ** 2;
}

/** Differently steep, so that early values say something and not all. */
function curve(parameters: Parameters, step: number): number {
  return end(parameters) - 0.5 * Math.exp(-step / (2 + 4 * Number(parameters['z'])));
}

function sweep(pruner: string, seed: number): SweepDefinition {
  return sweepOver(ranges, `search: { trials: 11, seed: ${seed}, sampler: gp }\npruner: ${pruner}`);
}

/** What is tried one after the other, where the pruner knows an earlier sweep that found what `measured` says. */
function tried(definition: SweepDefinition, measured?: (parameters: Parameters) => number): Parameters[] {
  const space = compileSpace(definition);
  const before = sweepOver(ranges, 'search: { trials: 30, seed: 9, sampler: sobol }');
  const earlier = measured
    ? search(before, createSampler(before, space), (parameters) => [measured(parameters)]).trials
    : [];
  const known = earlierResults(definition, space, { name: 'before', definition: before, trials: earlier });
  const { book } = simulate({
    definition,
    // The sampler knows nothing of it, so it has no first tries: the model alone makes the difference.
    sampler: createSampler(definition, space),
    ...(definition.pruner && { pruner: createPruner(definition.pruner, space, [known]) }),
    workers: 1,
    trainable: ({ parameters }) => ({
      reports: epochs,
      report: (index) => ({ step: index + 1, metrics: { y: curve(parameters, index + 1) } }),
      seconds: () => 1,
    }),
  });
  return book.trials.map(({ parameters }) => parameters);
}

/** What the configurations after the first five end with, on average. */
function laterOnes(parameters: readonly Parameters[]): number {
  const later = parameters.slice(5);
  return later.reduce((sum, found) => sum + end(found), 0) / later.length;
}

const pruners = [`{ type: forecast, min: 1, max: ${epochs} }`, `{ type: asha, min: 1, max: ${epochs} }`];

describe('warm start of curves', () => {
  it.each(pruners)('warm start - what is similar is known from the sixth configuration on: %s', (pruner) => {
    const similar = (parameters: Parameters): number =>
      5 + 3 * end({ x: Number(parameters['x']) + 0.03, z: Number(parameters['z']) - 0.03 });
    const gains = [1, 2, 3].map((seed) => {
      const definition = sweep(pruner, seed);
      return laterOnes(tried(definition, similar)) - laterOnes(tried(definition));
    });
    expect(gains.filter((gain) => gain > 0).length).toBeGreaterThanOrEqual(2);
    expect(gains.reduce((sum, gain) => sum + gain, 0)).toBeGreaterThan(0);
  });

  it('warm start - what is turned round changes nothing', () => {
    const definition = sweep(pruners[0] ?? '', 1);
    expect(tried(definition, (parameters) => -end(parameters))).toEqual(tried(definition));
  });
});
