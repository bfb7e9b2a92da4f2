import { describe, expect, it } from 'vitest';
import { cellParameters } from '../../src/analysis/cells.js';
import { parameterImportance, type Importance } from '../../src/analysis/importance.js';
import { Surrogate } from '../../src/analysis/surrogate.js';
import type { Parameters } from '../../src/sweep/parameter.js';
import { compileSpace } from '../../src/sweep/space.js';
import { definitionOf, randomTrials } from './sweeps.js';

const definition = definitionOf(`
space:
  algo: [sgd, adam, tree]
  lr: { float: [1e-5, 1], log: true, when: 'algo != "tree"' }
  depth: { int: [1, 16], when: 'algo == "tree"' }
  layers: { int: [1, 8] }
  junk: { float: [0, 1] }
objectives: { loss: minimize }
search: { trials: 100 }
`);

function loss({ algo, lr, depth, layers }: Parameters): number {
  const own =
    algo === 'tree' ? 0.2 + 0.004 * (Number(depth) - 7) ** 2 : 0.1 + 0.1 * (Math.log10(Number(lr)) + 2) ** 2;
  return own + 0.02 * (Number(layers) - 4) ** 2;
}

describe('importance', () => {
  const trials = randomTrials(definition, 150, (parameters, random) => ({
    loss: loss(parameters) + 0.03 * random.normal(),
  }));
  const found = parameterImportance(definition, trials, 'loss');
  const share = (name: string): number => found?.parameters.find((p) => p.name === name)?.share ?? NaN;

  it('importance - puts parameters in the order of what they change, conditional ones too', () => {
    expect(found?.parameters.map(({ name }) => name).slice(0, 2)).toEqual(['lr', 'layers']);
    expect(share('lr')).toBeGreaterThan(2 * share('layers'));
    expect(share('junk')).toBeLessThan(0.02);
    expect(found?.parameters.reduce((sum, { share: part }) => sum + part, 0)).toBeLessThanOrEqual(1 + 1e-9);
    expect(found?.explained).toBeGreaterThan(0.6);
  });

  it('importance - is the same for the same results', () => {
    expect(parameterImportance(definition, trials, 'loss')).toEqual(found);
  });

  it('importance - of what is only noise the model explains nothing, and says so', () => {
    const noise = randomTrials(definition, 100, (_, random) => ({ loss: random.normal() }));
    expect(parameterImportance(definition, noise, 'loss')?.explained).toBeLessThan(0.1);
  });

  it('importance - finds what only two parameters together make', () => {
    const both = definitionOf(`
space: { a: [x, y], b: [x, y], c: { float: [0, 1] } }
objectives: { score: maximize }
search: { trials: 9 }
`);
    const crossed = randomTrials(both, 200, ({ a, b }, random) => ({
      score: (a === b ? 1 : 0) + 0.1 * random.normal(),
    }));
    const importance = parameterImportance(both, crossed, 'score');
    expect(new Set(importance?.interactions[0]?.names)).toEqual(new Set(['a', 'b']));
    expect(importance?.interactions[0]?.share).toBeGreaterThan(0.7);
    for (const { share: alone } of importance?.parameters ?? []) expect(alone).toBeLessThan(0.1);
  });

  it('importance - needs some configurations, and a difference between them', () => {
    expect(parameterImportance(definition, trials.slice(0, 7), 'loss')).toBeUndefined();
    expect(parameterImportance(definition, trials, 'accuracy')).toBeUndefined();
    const flat = randomTrials(definition, 20, () => ({ loss: 1 }));
    expect(parameterImportance(definition, flat, 'loss')).toBeUndefined();
  });

  it('slice - what is expected follows the truth where the parameter exists', () => {
    const points = Surrogate.of(definition, trials, 'loss')?.effect('lr') ?? [];
    const lowest = points.reduce((a, b) => (b.mean < a.mean ? b : a));
    expect(Math.abs(Math.log10(Number(lowest.value)) + 2)).toBeLessThan(0.8);
    expect(points[0]?.mean).toBeGreaterThan(lowest.mean + 0.3);
    expect(points.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  it('slice - one diverged trial does not hide what the others say', () => {
    const diverged = trials.map((trial, i) => (i === 3 ? { ...trial, metrics: { loss: 1e12 } } : trial));
    expect(parameterImportance(definition, diverged, 'loss')?.parameters[0]?.name).toBe('lr');
  });

  it('slice - a value is listed once, and every value is in the cell that is nearest', () => {
    const sweep = definitionOf(
      'space: { n: { int: [1, 64], log: true }, m: { int: [1, 1000], log: true } }\nobjectives: { loss: minimize }\nsearch: { trials: 9 }',
    );
    const [n, m] = cellParameters(compileSpace(sweep));
    expect(n?.values.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    for (const [parameter, high] of [
      [n, 64],
      [m, 1000],
    ] as const) {
      expect(new Set(parameter?.values).size).toBe(parameter?.cells);
      expect(parameter?.values.map((value) => parameter.cellOf(value))).toEqual(
        parameter?.values.map((_, cell) => cell),
      );
      const cells = Array.from({ length: high }, (_, i) => parameter?.cellOf(i + 1) ?? -1);
      expect([...cells].sort((a, b) => a - b)).toEqual(cells);
    }
  });

  it('slice - averages over no configuration that breaks a constraint', () => {
    const sweep = definitionOf(
      "space: { a: { int: [1, 10] }, b: { int: [1, 10] } }\nconstraints: ['a * b <= 20']\nobjectives: { y: maximize }\nsearch: { trials: 9 }",
    );
    // Where b is large, and a therefore small, y is too.
    const some = randomTrials(sweep, 200, ({ b }) => ({ y: Number(b) }));
    const points = Surrogate.of(sweep, some, 'y')?.effect('a') ?? [];
    // With a = 10, b is 1 or 2; with a = 1 all of them may be.
    expect(points.find(({ value }) => value === 10)?.mean).toBeLessThan(2.2);
    expect(points.find(({ value }) => value === 1)?.mean).toBeGreaterThan(3);
  });
});

describe('importance of conditional parameters', () => {
  const share = (importance: Importance | undefined, name: string): number =>
    importance?.parameters.find((p) => p.name === name)?.share ?? NaN;
  const sumOf = ({ parameters, interactions }: Importance): number =>
    [...parameters, ...interactions].reduce((sum, part) => sum + part.share, 0);

  it('importance - counts once what a parameter does where another one lets it exist', () => {
    const sweep = definitionOf(
      "space: { arch: [a, b], deep: { value: 'arch == \"a\"' }, x: { float: [0, 1], when: 'deep' }, z: { float: [0, 1], when: '!deep' } }\nobjectives: { y: maximize }\nsearch: { trials: 9 }",
    );
    const some = randomTrials(sweep, 300, ({ arch, x }) => ({ y: arch === 'a' ? 10 * Number(x) - 5 : 0 }));
    const found = parameterImportance(sweep, some, 'y') as Importance;
    expect(sumOf(found)).toBeLessThanOrEqual(1 + 1e-9);
    expect(share(found, 'x')).toBeGreaterThan(0.7);
    // Neither may exist beside the other, and arch decides whether they do.
    expect(found.interactions).toEqual([]);
  });
});
