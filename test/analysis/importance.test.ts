import { describe, expect, it } from 'vitest';
import { parameterImportance } from '../../src/analysis/importance.js';
import { Surrogate } from '../../src/analysis/surrogate.js';
import type { Parameters } from '../../src/sweep/parameter.js';
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
});
