import { describe, expect, it } from 'vitest';
import { mixedConditional } from '../../../bench/search/problems.js';
import { sweepOf } from '../../../bench/search/search-run.js';
import type { Suggestion } from '../../../src/coordinator/search/sampler.js';
import { sweepOver } from '../definitions.js';
import { Searching } from './run-samplers.js';

const cube = sweepOver(
  `{ ${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}: { float: [0, 1] }`).join(', ')} }`,
  'search: { sampler: gp, trials: 100, seed: 2 }',
);
/** 4 and 1.25 a parameter. */
const design = 12;

function value(parameters: Readonly<Record<string, unknown>>): { y: number } {
  return { y: -Object.values(parameters).reduce<number>((sum, x) => sum + (Number(x) - 0.3) ** 2, 0) };
}

/** Who proposed it: sobol or gp. */
function by({ origin }: Suggestion): string {
  return Object.keys(origin ?? {})[0] ?? '';
}

describe('gp - its beginning', () => {
  it('gp - one after the other, the models begin after the evenly spread configurations', () => {
    const searching = new Searching(cube);
    searching.run(design - 1, value);
    expect(searching.peek(1).map(by)).toEqual(['sobol']);
    searching.run(1, value);
    expect(searching.peek(1).map(by)).toEqual(['gp']);
  });

  it('gp - with many workers what runs is part of the design, and a third of the results is enough', () => {
    const searching = new Searching(cube);
    searching.run(3, value);
    searching.begin(16);
    expect(searching.peek(1).map(by)).toEqual(['sobol']);
    const other = new Searching(cube);
    other.run(4, value);
    other.begin(16);
    expect(other.peek(3).map(by)).toEqual(['gp', 'gp', 'gp']);
  });

  it('gp - what is missing of the design comes first, the rest of the batch from the models', () => {
    const definition = { ...sweepOf(mixedConditional, 'gp', 1, 100) };
    const searching = new Searching(definition);
    searching.begin(16);
    searching.end((parameters) => ({ value: mixedConditional.value(parameters) }));
    const suggestions = searching.peek(16);
    // Eleven parameters: a design of 18.
    expect(suggestions.map(by)).toEqual([...Array<string>(2).fill('sobol'), ...Array<string>(14).fill('gp')]);
    expect(new Set(suggestions.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(16);
    searching.restart();
    expect(searching.peek(16)).toEqual(suggestions);
  });
});
