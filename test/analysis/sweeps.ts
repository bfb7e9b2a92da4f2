import type { Parameters } from '../../src/sweep/parameter.js';
import { createRandom, type Random } from '../../src/sweep/random.js';
import { readDefinition } from '../../src/sweep/definition.js';
import { compileSpace } from '../../src/sweep/space.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';
import type { Metrics, Trial } from '../../src/sweep/trial.js';

export function definitionOf(yaml: string): SweepDefinition {
  const result = readDefinition(`name: made-up\ntrainable: ./train.ts\n${yaml}`, { baseDirectory: '/' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.definition;
}

export function completed(number: number, trial: Partial<Trial>): Trial {
  return {
    sweepId: 'made-up',
    number,
    configuration: number,
    replicate: 0,
    seed: number,
    parameters: {},
    state: 'completed',
    attempts: 1,
    metrics: {},
    createdAt: number,
    finishedAt: number,
    ...trial,
  };
}

/** Random configurations of a space, each with so many seeds, and what they gave. */
export function randomTrials(
  definition: SweepDefinition,
  count: number,
  metrics: (parameters: Parameters, random: Random) => Metrics,
  seeds = 1,
): Trial[] {
  const space = compileSpace(definition);
  const random = createRandom(count, seeds);
  const trials: Trial[] = [];
  for (let configuration = 0; configuration < count; configuration++) {
    const parameters = space.random(random);
    for (let replicate = 0; replicate < seeds; replicate++) {
      const values = { configuration, replicate, parameters, metrics: metrics(parameters, random) };
      trials.push(completed(trials.length, values));
    }
  }
  return trials;
}
