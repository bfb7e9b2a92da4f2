import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../src/sweep/definition.js';
import { chooseSampler, plannedTrials } from '../../src/sweep/samplers.js';
import { compileSpace } from '../../src/sweep/space.js';

function chosen(rest: string): [string, string | undefined, number | undefined] {
  const result = readDefinition(`name: s\ntrainable: har\nobjectives: { loss: minimize }\n${rest}`, {
    baseDirectory: '/',
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const space = compileSpace(result.definition);
  const { name, reason } = chooseSampler(result.definition, space);
  return [name, reason, plannedTrials(result.definition, space)];
}

describe('samplers', () => {
  it.each<[string, string, string | undefined, number | undefined]>([
    ['space: { x: { int: [1, 1000] } }', 'grid', 'all 1000 configurations can be tried', 1000],
    ['space: { x: { int: [1, 10] } }\nreplicates: 3', 'grid', 'all 10 configurations can be tried', 30],
    [
      'space: { x: { int: [1, 10] } }\nsearch: { trials: 9 }',
      'random',
      'the space has 10 configurations, more than the 9 that 9 trials can try',
      9,
    ],
    [
      'space: { x: { int: [1, 10] } }\nsearch: { trials: 29 }\nreplicates: 3',
      'random',
      'the space has 10 configurations, more than the 9 that 29 trials can try',
      29,
    ],
    [
      'space: { x: { int: [1, 1001] } }\nbudget: { time: 1h }',
      'random',
      'the space has 1001 configurations, more than 1000',
      1001,
    ],
    [
      'space: { x: { float: [0, 1] } }\nbudget: { time: 1h }',
      'random',
      '"x" has no step, so the space has no grid',
      undefined,
    ],
    ['space: { x: { int: [1, 2] } }\nsearch: { sampler: random, trials: 5 }', 'random', undefined, 2],
    ['space: { x: { int: [1, 5000] } }\nsearch: { sampler: grid }', 'grid', undefined, 5000],
  ])('samplers - %s: %s', (rest, name, reason, planned) => {
    expect(chosen(rest)).toEqual([name, reason, planned]);
  });
});
