import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { Sampler } from '../../../src/coordinator/search/sampler.js';
import { expand } from '../../../src/coordinator/runner/planning.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import type { NewTrial } from '../../../src/store/sweep-store.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { sweepOver } from '../definitions.js';

/** Asks for as many at a time as `sizes` says, each time with a new sampler, as after a restart. */
function search(definition: SweepDefinition, sizes: readonly number[], restart = true): TrialBook {
  const space = compileSpace(definition);
  let sampler: Sampler = createSampler(definition, space);
  const book = new TrialBook();
  for (const size of sizes) {
    if (restart) sampler = createSampler(definition, space);
    const random = createRandom(definition.search.seed, book.configurations);
    const suggestions = sampler.suggest(book, size, random);
    expect(suggestions.length).toBeLessThanOrEqual(size);
    book.add(
      's',
      expand(definition, suggestions, { number: book.size, configuration: book.configurations }),
      0,
    );
  }
  return book;
}

/** The next trial, as one that a user adds begins. */
function newTrial(book: TrialBook): Omit<NewTrial, 'parameters'> {
  return { number: book.size, configuration: book.configurations, replicate: 0, seed: 1 };
}

const parametersOf = (book: TrialBook): string[] =>
  book.trials.map(({ parameters }) => JSON.stringify(parameters));

describe('search - grid', () => {
  it('grid - proposes each point once, whatever it is asked for at a time', () => {
    const definition = sweepOver(
      '{ a: [x, y], b: { int: [1, 5] }, c: { int: [0, 3], when: \'a == "x"\' } }',
      "constraints: ['b != 3']\nsearch: { sampler: grid }",
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 20 }), (sizes) => {
        const found = parametersOf(search(definition, [...sizes, 30]));
        expect(new Set(found).size).toBe(found.length);
        expect(found).toHaveLength(4 * 4 + 4);
      }),
      { numRuns: 30 },
    );
  });

  it('grid - proposes nothing after the last point', () => {
    const definition = sweepOver('{ a: [x, y] }', 'search: { sampler: grid }');
    expect(search(definition, [5, 5, 5]).size).toBe(2);
  });

  it('grid - begins with startWith and leaves these points out later', () => {
    const definition = sweepOver(
      '{ a: { int: [1, 6] } }',
      'search: { sampler: grid, startWith: [{ a: 4 }, { a: 2 }] }',
    );
    const found = search(definition, [1, 3, 3, 3, 3]).trials.map(({ parameters }) => parameters['a']);
    expect(found).toEqual([4, 2, 1, 3, 5, 6]);
  });

  it('grid - leaves out what a user added between its points', () => {
    const definition = sweepOver('{ a: { int: [1, 6] } }', 'search: { sampler: grid }');
    const book = search(definition, [2]);
    book.add('s', [{ ...newTrial(book), parameters: { a: 5 }, origin: { addedBy: 'me' } }], 0);
    const next = createSampler(definition, compileSpace(definition)).suggest(book, 9, createRandom(1));
    expect(next.map(({ parameters }) => parameters['a'])).toEqual([3, 4, 6]);
  });

  it('grid - ten thousand points, a few at a time, without looking at all before', () => {
    const definition = sweepOver(
      '{ a: { int: [1, 1000] }, b: { int: [1, 1000] } }',
      'search: { sampler: grid }',
    );
    const book = search(definition, new Array<number>(2_000).fill(5), false);
    expect(book.trials.at(-1)?.parameters).toEqual({ a: 10, b: 1000 });
  });
});

describe('search - random', () => {
  it('random - the same configurations whatever is asked for at a time, and after restarts', () => {
    for (const space of [
      '{ a: { float: [0, 1] }, b: { float: [1e-5, 1], log: true } }',
      '{ a: { int: [1, 9] }, b: [x, y, z] }',
    ]) {
      const definition = sweepOver(space, 'search: { sampler: random, trials: 999, seed: 7 }');
      const atOnce = parametersOf(search(definition, [12]));
      expect(parametersOf(search(definition, new Array<number>(12).fill(1)))).toEqual(atOnce);
      expect(parametersOf(search(definition, [5, 4, 3], false))).toEqual(atOnce);
      expect(new Set(atOnce).size).toBe(12);
    }
  });

  it('random - another seed, other configurations', () => {
    const at = (seed: number): string[] =>
      parametersOf(
        search(
          sweepOver('{ a: { float: [0, 1] } }', `search: { sampler: random, trials: 999, seed: ${seed} }`),
          [3],
        ),
      );
    expect(at(1)).not.toEqual(at(2));
  });

  it('random - exhausts a finite space without repeating itself, then proposes nothing', () => {
    const definition = sweepOver(
      '{ a: { int: [1, 20] }, b: [x, y] }',
      "constraints: ['a != 7']\nsearch: { sampler: random, trials: 999 }",
    );
    const found = parametersOf(search(definition, [10, 10, 10, 10, 10]));
    expect(new Set(found).size).toBe(38);
    expect(found).toHaveLength(38);
  });

  it('random - fills in what startWith leaves out, the same each time', () => {
    const definition = sweepOver(
      '{ a: { int: [1, 9] }, b: { float: [0, 1] } }',
      'search: { sampler: random, trials: 999, startWith: [{ a: 3 }] }',
    );
    const [first] = search(definition, [1]).trials;
    expect(first?.parameters['a']).toBe(3);
    expect(first?.parameters['b']).toBeTypeOf('number');
    expect(search(definition, [4]).trials[0]?.parameters).toEqual(first?.parameters);
  });
});

describe('search - startWith', () => {
  it('startWith - goes on where it was when a user added a trial between', () => {
    const definition = sweepOver(
      '{ a: { int: [1, 50] } }',
      'search: { sampler: random, trials: 20, startWith: [{ a: 7 }, { a: 9 }, { a: 11 }] }',
    );
    const book = search(definition, [1]);
    book.add('s', [{ ...newTrial(book), parameters: { a: 33 }, origin: { addedBy: 'me' } }], 0);
    const sampler = createSampler(definition, compileSpace(definition));
    const suggestions = sampler.suggest(book, 9, createRandom(1));
    expect(suggestions.map(({ parameters }) => parameters['a'])).toEqual([9, 11]);
  });
});

describe('search - replicates', () => {
  it('replicates - one configuration, several trials with different seeds', () => {
    const definition = sweepOver('{ a: [x, y] }', 'search: { sampler: grid }\nreplicates: 3');
    const { trials } = search(definition, [9]);
    expect(trials.map(({ configuration, replicate }) => [configuration, replicate])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(new Set(trials.map(({ seed }) => seed)).size).toBe(6);
  });
});
