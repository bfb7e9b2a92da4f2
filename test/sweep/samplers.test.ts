import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../src/sweep/definition.js';
import { chooseSampler, plannedTrials } from '../../src/sweep/samplers.js';
import { compileSpace } from '../../src/sweep/space.js';

function chosen(rest: string): [string, string | undefined, number | undefined] {
  const result = readDefinition(
    `name: s\ntrainable: { command: [train] }\nobjectives: { loss: minimize }\n${rest}`,
    {
      baseDirectory: '/',
    },
  );
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
      'gp',
      'the space has 10 configurations, more than the 9 that 9 trials can try; gp needs the fewest configurations (tpe after 250 of them if trials take under 0.5 s)',
      9,
    ],
    [
      'space: { x: { int: [1, 10] } }\nsearch: { trials: 29 }\nreplicates: 3',
      'gp',
      'the space has 10 configurations, more than the 9 that 29 trials can try; gp needs the fewest configurations (tpe after 250 of them if trials take under 0.5 s)',
      29,
    ],
    [
      'space: { x: { int: [1, 1001] } }\nbudget: { time: 1h }',
      'gp',
      'the space has 1001 configurations, more than 1000; gp needs the fewest configurations (tpe after 250 of them if trials take under 0.5 s)',
      1001,
    ],
    [
      'space: { x: { float: [0, 1] } }\nbudget: { time: 1h }',
      'gp',
      '"x" has no step, so the space has no grid; gp needs the fewest configurations (tpe after 250 of them if trials take under 0.5 s)',
      undefined,
    ],
    [
      'space: { x: { float: [0, 1] } }\nsearch: { trials: 2002 }\nreplicates: 2',
      'tpe',
      '"x" has no step, so the space has no grid; 1001 configurations are too many for gp',
      2002,
    ],
    [
      'space: { x: { float: [0, 1] } }\nsearch: { trials: 2001 }\nreplicates: 2',
      'gp',
      '"x" has no step, so the space has no grid; gp needs the fewest configurations (tpe after 250 of them if trials take under 0.5 s)',
      2001,
    ],
    [
      `space: { ${Array.from({ length: 101 }, (_, i) => `x${i}: { float: [0, 1] }`).join(', ')} }\nsearch: { trials: 50 }`,
      'tpe',
      '"x0" has no step, so the space has no grid; 101 parameters are too many for gp',
      50,
    ],
    ['space: { x: { int: [1, 2] } }\nsearch: { sampler: random, trials: 5 }', 'random', undefined, 2],
    ['space: { x: { int: [1, 5000] } }\nsearch: { sampler: grid }', 'grid', undefined, 5000],
  ])('samplers - %s: %s', (rest, name, reason, planned) => {
    expect(chosen(rest)).toEqual([name, reason, planned]);
  });
});
