import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { simulate } from '../../../src/coordinator/simulation/simulate.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { sweepOver } from '../definitions.js';

const epochs = 27;
const sweep = sweepOver(
  '{ n: { int: [4, 25] }, lr: { float: [0.0005, 0.02], log: true }, optimizer: [adam, rmsprop] }',
  `replicates: 2\nsearch: { sampler: gp, trials: 60, seed: 3 }\npruner: { type: asha, min: 9, max: ${epochs} }`,
);
const space = compileSpace(sweep);

/** Better with more units, hardly different by lr, and so noisy that one more look always tells something. */
function result({ n, lr }: Parameters, step: number, noise: number): number {
  const high = Math.abs(Math.log(Number(lr) / 0.003)) / 10;
  return 0.9 - 0.3 / Number(n) - high - Math.exp(-step / 10) + 0.2 * noise;
}

/** Whether two configurations are beside each other: not told apart by so noisy a result. */
function areNear(a: Parameters, b: Parameters): boolean {
  const range = Math.log(0.02 / 0.0005);
  const distance = Math.abs(Math.log(Number(a['lr']) / Number(b['lr']))) / range;
  return a['n'] === b['n'] && a['optimizer'] === b['optimizer'] && distance < 0.0099;
}

describe('gp - by curves', () => {
  it.each([1, 8])('gp - of noisy curves it asks for no configuration twice, %i at a time', (workers) => {
    const { book } = simulate({
      definition: sweep,
      sampler: createSampler(sweep, space),
      pruner: createPruner(sweep.pruner!, space),
      workers,
      trainable: ({ parameters, seed }) => {
        const noise = createRandom(seed).normal();
        return {
          reports: epochs,
          report: (index) => ({ step: index + 1, metrics: { y: result(parameters, index + 1, noise) } }),
          seconds: () => 1,
        };
      },
    });
    const configurations = book.trials.filter(({ replicate }) => replicate === 0);
    expect(configurations.length).toBe(30);
    const near = configurations.flatMap((one, i) =>
      configurations.slice(0, i).filter((other) => areNear(one.parameters, other.parameters)),
    );
    expect(near).toEqual([]);
  });
});
