import { describe, expect, it } from 'vitest';
import { logRegret } from '../../../bench/search/cases.js';
import { branin, mixedConditional, type SearchProblem } from '../../../bench/search/problems.js';
import { leastValues } from '../../../bench/search/search-run.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { definitionOf, sweepOver } from '../definitions.js';
import { Searching } from './run-samplers.js';

const tpe = 'search: { sampler: tpe, trials: 9999, seed: 1 }';
const number = (parameters: Parameters, name: string): number => Number(parameters[name]);

function meanRegret(problem: SearchProblem, sampler: string, workers = 1): number {
  const seeds = Array.from({ length: 10 }, (_, i) => i + 1);
  const regrets = seeds.map((seed) => {
    return logRegret(problem, leastValues(problem, sampler, seed, 100, workers).at(-1) ?? Infinity);
  });
  return regrets.reduce((sum, regret) => sum + regret, 0) / regrets.length;
}

describe('search - tpe', () => {
  it.each([
    [branin, 1],
    [mixedConditional, 0.4],
  ])('tpe - beats random clearly on $name, ten seeds, 100 trials', (problem, margin) => {
    expect(meanRegret(problem, 'tpe')).toBeLessThan(meanRegret(problem, 'random') - margin);
  });

  it('tpe - sixteen workers still beat random clearly, and lose a factor of three to one at most', () => {
    const parallel = meanRegret(mixedConditional, 'tpe', 16);
    expect(parallel).toBeLessThan(meanRegret(mixedConditional, 'random') - 0.3);
    expect(parallel).toBeLessThan(meanRegret(mixedConditional, 'tpe') + 0.5);
  });

  it('tpe - sixteen suggestions at once keep apart, and near what is good', () => {
    const searching = new Searching(sweepOver('{ x: { float: [0, 1] }, z: { float: [0, 1] } }', tpe));
    searching.run(60, (at) => ({ y: -((number(at, 'x') - 0.3) ** 2) - (number(at, 'z') - 0.7) ** 2 }));
    const points = searching
      .peek(16)
      .map(({ parameters }) => [number(parameters, 'x'), number(parameters, 'z')]);
    const distances = points.flatMap(([x = 0, y = 0], i) =>
      points.slice(i + 1).map(([a = 0, b = 0]) => Math.hypot(x - a, y - b)),
    );
    expect(Math.min(...distances)).toBeGreaterThan(1e-4);
    const fromBest = points.map(([x = 0, y = 0]) => Math.hypot(x - 0.3, y - 0.7)).sort((a, b) => a - b);
    // At random, half of them are farther than 0.4 from there.
    expect(fromBest[8]).toBeLessThan(0.25);
  });

  it('tpe - the same suggestions from the same history, after a restart too', () => {
    const space =
      '{ a: { float: [1e-5, 1], log: true }, b: [x, y, z], c: { int: [1, 9], when: \'b == "x"\' } }';
    const searching = new Searching(sweepOver(space, tpe));
    searching.run(30, (at) => ({ y: number(at, 'a') }));
    searching.begin(3);
    const before = searching.peek(5);
    searching.restart();
    expect(searching.peek(5)).toEqual(before);
  });

  it('tpe - every kind of parameter stays in its space, conditions and constraints kept', () => {
    const definition = sweepOver(
      `{ lr: { float: [1e-4, 1], log: true }, width: { int: [8, 512], log: true }, depth: { int: [2, 12], step: 2 },
         drop: { float: [0, 0.5], step: 0.05 }, size: { ordinal: [1, 4, 16] }, opt: [sgd, adam], flag: [true, false],
         mom: { float: [0, 1], when: 'opt == "sgd"' }, nested: { int: [1, 5], when: 'mom > 0.5' },
         warm: { value: 'lr / 10' } }`,
      `constraints: ['width * depth <= 512', 'mom >= lr']\n${tpe}`,
    );
    const searching = new Searching(definition);
    searching.run(120, (at) => ({
      y: number(at, 'width') * number(at, 'depth') + (at['opt'] === 'sgd' ? 300 : 0),
    }));
    const space = compileSpace(definition);
    for (const { parameters } of searching.book.trials) expect(space.explain(parameters)).toBeUndefined();
    // The best there is lies on the constraint.
    const late = searching.book.trials.slice(80).map(({ metrics }) => metrics['y'] ?? 0);
    expect(Math.max(...late)).toBeGreaterThan(770);
  });

  it('tpe - a finite space is tried whole, each configuration once', () => {
    const searching = new Searching(sweepOver('{ a: { int: [1, 12] }, b: [x, y, z] }', tpe));
    for (let i = 0; i < 12; i++) {
      searching.begin(4);
      searching.end((at) => ({ y: -number(at, 'a') }));
    }
    const found = searching.book.trials.map(({ parameters }) => JSON.stringify(parameters));
    expect(found).toHaveLength(36);
    expect(new Set(found).size).toBe(36);
    expect(searching.peek(1)).toEqual([]);
  });

  it('tpe - keeps away from where trials fail, even if nothing else is known', () => {
    const failures = (seed: number): number => {
      const searching = new Searching(
        sweepOver('{ x: { float: [0, 1] } }', `search: { sampler: tpe, trials: 999, seed: ${seed} }`),
      );
      const outcome = (at: Parameters) =>
        number(at, 'x') > 0.4 ? ({ class: 'trial', message: 'too large' } as const) : { y: 0 };
      searching.run(50, outcome);
      return searching.book.trials.slice(20).filter(({ state }) => state === 'failed').length;
    };
    // At random 18 of 30 fail, 54 in all.
    expect(failures(1) + failures(2) + failures(3)).toBeLessThan(30);
  });

  it('tpe - a lost worker is not held against a configuration', () => {
    const searching = new Searching(sweepOver('{ x: { float: [0, 1] } }', tpe));
    searching.run(40, (at, i) =>
      i % 2 === 0 ? { y: number(at, 'x') } : { class: 'lost', message: 'worker lost' },
    );
    const last = searching.peek(8).map(({ parameters }) => number(parameters, 'x'));
    expect(last.filter((x) => x > 0.7).length).toBeGreaterThanOrEqual(5);
  });

  it('tpe - feasible configurations come first', () => {
    const definition = definitionOf(
      `name: t\ntrainable: { command: [train] }\nspace: { x: { float: [0, 1] } }\n` +
        `objectives: { accuracy: maximize }\nlimits: ['memory <= 30']\n${tpe}\n`,
    );
    const searching = new Searching(definition);
    searching.run(60, (at) => ({ accuracy: number(at, 'x'), memory: 100 * number(at, 'x') }));
    const late = searching.book.trials.slice(30).map(({ parameters }) => number(parameters, 'x'));
    expect(late.filter((x) => x > 0.1 && x <= 0.4).length).toBeGreaterThan(15);
  });

  it('tpe - replicates count by their mean', () => {
    const definition = sweepOver('{ x: { float: [0, 1] } }', `${tpe}\nreplicates: 2`);
    const searching = new Searching(definition);
    // One replicate alone would say that a large x is best.
    searching.run(40, (at, i) => ({ y: i % 2 === 0 ? 10 * number(at, 'x') : -30 * number(at, 'x') }));
    const late = searching.peek(8).map(({ parameters }) => number(parameters, 'x'));
    expect(late.filter((x) => x < 0.3).length).toBeGreaterThanOrEqual(5);
  });

  it('tpe - several objectives: good trade-offs are found, and spread', () => {
    const definition = definitionOf(
      `name: t\ntrainable: { command: [train] }\nspace: { x: { float: [0, 1] }, z: { float: [0, 1] } }\n` +
        `objectives: { a: maximize, b: maximize }\n${tpe}\n`,
    );
    const searching = new Searching(definition);
    // The front is z = 0, from x = 0 to x = 1.
    searching.run(80, (at) => ({
      a: number(at, 'x') - number(at, 'z'),
      b: 1 - number(at, 'x') - number(at, 'z'),
    }));
    const late = searching.book.trials.slice(40).map(({ parameters }) => parameters);
    const near = late.filter((at) => number(at, 'z') < 0.15);
    expect(near.length).toBeGreaterThan(20);
    const xs = near.map((at) => number(at, 'x'));
    expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(0.6);
  });
});
