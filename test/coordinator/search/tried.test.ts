import { describe, expect, it } from 'vitest';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { sweepOver } from '../definitions.js';
import { Searching } from './run-samplers.js';

const sum = (parameters: Parameters): number =>
  Object.values(parameters).reduce((total: number, value) => total + (Number(value) - 37) ** 2, 0);

/** How many of the trials are of different configurations. */
function different({ book }: Searching): number {
  return new Set(book.trials.map(({ parameters }) => JSON.stringify(parameters))).size;
}

describe('search - what was tried', () => {
  it.each(['tpe', 'cmaes', 'nsga2'])(
    'tried - %s: nothing twice in a space that is too large to go through',
    (sampler) => {
      const ints = [...'abcdefg'].map((name) => `${name}: { int: [1, 100] }`).join(', ');
      const searching = new Searching(
        sweepOver(`{ ${ints} }`, `search: { sampler: ${sampler}, trials: 9999 }`),
      );
      searching.run(400, (parameters) => ({ y: -sum(parameters) }));
      expect(different(searching)).toBe(400);
    },
  );

  it.each(['tpe', 'nsga2', 'gp', 'random', 'sobol'])(
    'tried - %s: a finite branch of an infinite space is left once it was tried',
    (sampler) => {
      const searching = new Searching(
        sweepOver(
          '{ m: [a, b], n: { int: [1, 3] }, lr: { float: [0, 1], when: \'m == "a"\' } }',
          `search: { sampler: ${sampler}, trials: 9999 }`,
        ),
      );
      const trials = sampler === 'gp' ? 25 : 100;
      searching.run(trials, ({ m, n, lr }) => ({ y: m === 'b' ? -Number(n) / 10 : -1 - Number(lr) }));
      expect(different(searching)).toBe(trials);
    },
  );

  it('tried - a space that a constraint leaves without its float is gone through, and then begun again', () => {
    const definition = sweepOver(
      '{ m: [a, b], n: { int: [1, 3] }, lr: { float: [0, 1], when: \'m == "a"\' } }',
      'search: { sampler: random, trials: 9999 }',
    );
    const searching = new Searching({ ...definition, constraints: ['m == "b"'] });
    searching.run(9, () => ({ y: 0 }));
    expect([searching.book.size, different(searching)]).toEqual([9, 3]);
  });
});

describe('search - constraints that leave hardly anything', () => {
  it.each(['random', 'sobol', 'tpe', 'nsga2'])(
    'constraints - %s finds what random tries do not',
    (sampler) => {
      const definition = sweepOver(
        '{ a: { int: [1, 100000] }, b: { int: [0, 100000] } }',
        `constraints: ['a + b == 100000']\nsearch: { sampler: ${sampler}, trials: 9999 }`,
      );
      const suggestions = createSampler(definition, compileSpace(definition)).suggest(
        { trials: [], configurations: 0 },
        2,
        createRandom(1),
      );
      expect(suggestions.map(({ parameters: { a, b } }) => Number(a) + Number(b))).toEqual([100000, 100000]);
    },
  );

  it('constraints - startWith is filled in and an infinite space searched where many draws fail', () => {
    // One draw in 10,000 holds it: every third call of space.random finds none.
    const definition = {
      ...sweepOver(
        '{ a: { float: [0, 1] }, b: { float: [0, 1] }, c: [x, y] }',
        'search: { sampler: random, trials: 9999, startWith: [{ c: x }, { c: y }, { c: x }] }',
      ),
      constraints: ['abs(a - b) < 5e-5'],
    };
    const searching = new Searching(definition);
    searching.run(9, () => ({ y: 0 }));
    expect(searching.book.size).toBe(9);
    expect(searching.book.trials.slice(0, 3).map(({ parameters }) => parameters['c'])).toEqual([
      'x',
      'y',
      'x',
    ]);
  });
});
