import { describe, expect, test } from 'vitest';
import { analyseRange, type RangePoint } from '../../../src/coordinator/lr-range/analyse.js';
import { plotRange } from '../../../src/coordinator/lr-range/plot.js';
import { rangeSweep } from '../../../src/coordinator/lr-range/range-sweep.js';
import { readDefinition } from '../../../src/sweep/definition.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';

/** Points of a test from 1e-5 to 1e-1; the loss is a function of the logarithm of the rate. */
function points(lossAt: (exponent: number) => number, count = 401): RangePoint[] {
  return Array.from({ length: count }, (_, index) => {
    const exponent = -5 + (4 * index) / (count - 1);
    return { step: index + 1, learningRate: 10 ** exponent, loss: lossAt(exponent) };
  });
}

/** Flat at 1.8, falls around 1e-3, is least at 1e-2, then rises slowly. */
const usual = (exponent: number): number =>
  exponent < -2 ? 1.8 - 1.5 / (1 + Math.exp(-6 * (exponent + 3))) : 0.3 + 0.5 * (exponent + 2);

describe('lr-range - analysis', () => {
  test('finds the steepest fall and the smallest loss', () => {
    const { steepest, lowest, suggested, divergesAt } = analyseRange(points(usual));
    expect(Math.abs(Math.log10(steepest) + 3)).toBeLessThan(0.15);
    expect(Math.abs(Math.log10(lowest) + 2)).toBeLessThan(0.15);
    expect(suggested).toBeCloseTo(Math.min(steepest, lowest / 10), 12);
    expect(divergesAt).toBeUndefined();
  });

  test('noise from step to step does not mislead it', () => {
    const noisy = points(usual).map((point) => ({
      ...point,
      loss: point.loss + 0.1 * Math.sin(9 * point.step),
    }));
    expect(Math.abs(Math.log10(analyseRange(noisy).steepest) + 3)).toBeLessThan(0.3);
  });

  test('ends where the loss blows up, and where it is no number', () => {
    const blown = points((exponent) => (exponent > -1.5 ? Infinity : exponent > -1.7 ? 50 : usual(exponent)));
    const { divergesAt, lowest, points: kept } = analyseRange(blown);
    expect(Math.abs(Math.log10(divergesAt!) + 1.7)).toBeLessThan(0.05);
    expect(Math.abs(Math.log10(lowest) + 2)).toBeLessThan(0.2);
    expect(kept.every(({ smoothed }) => smoothed < 2)).toBe(true);
  });

  test('too few points are an error', () => {
    expect(() => analyseRange(points(usual, 9))).toThrow('needs at least ten points; this has 9');
  });
});

describe('lr-range - plot', () => {
  const picture = plotRange('a <b> & "c"', analyseRange(points(usual)));

  test('is an SVG picture with both curves, the decades and the suggestion', () => {
    expect(picture).toMatch(/^<svg xmlns=/);
    expect(picture.match(/<path /g)).toHaveLength(2);
    for (const rate of ['1e-5', '0.0001', '0.001', '0.01', '0.1']) expect(picture).toContain(`>${rate}<`);
    expect(picture).toContain('>suggested ');
    expect(picture).not.toContain('NaN');
  });

  test('shows a name as it is', () => {
    expect(picture).toContain('a &#60;b&#62; &#38; &#34;c&#34;');
  });
});

function definitionOf(text: string): SweepDefinition {
  const result = readDefinition(text, { baseDirectory: '.' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.definition;
}

const file = `
name: mine
trainable: har
fixed: { architecture: conv-lstm, stopAt: 0.9, passes: 150, signals: [total_acc], schedule: cosine }
space:
  lr: { float: [1e-4, 1e-2], log: true }
  nhidden: { int: [10, 30] }
  dropout: [0.1, 0.2, 0.3]
objectives: { accuracy: maximize }
workers: { pool: big }
search: { trials: 9 }
`;

describe('lr-range - the sweep of one trial', () => {
  const options = { from: 1e-5, to: 1e-1, passes: 30, seed: 3 };

  test('trains the middle of the space with a rising rate, to the end', () => {
    const { definition, source } = rangeSweep(definitionOf(file), options);
    expect(definition).toMatchObject({
      name: 'mine-lr-range',
      objectives: { loss: 'minimize' },
      replicates: 1,
    });
    expect(definition.workers.pool).toBe('big');
    expect(definition.fixed).toEqual({
      architecture: 'conv-lstm',
      signals: ['total_acc'],
      nhidden: 20,
      dropout: 0.2,
      passes: 30,
      lrRange: [1e-5, 1e-1],
    });
    expect(definitionOf(source)).toEqual(definition);
  });

  test('or the first configuration of startWith', () => {
    const more = file.replace('trials: 9', 'trials: 9, startWith: [{ nhidden: 12, dropout: 0.3 }]');
    expect(rangeSweep(definitionOf(more), options).definition.fixed).toMatchObject({
      nhidden: 12,
      dropout: 0.3,
    });
  });

  test('a long name is cut', () => {
    const long = definitionOf(file.replace('name: mine', `name: ${'n'.repeat(64)}`));
    expect(rangeSweep(long, options).definition.name).toBe(`${'n'.repeat(55)}-lr-range`);
  });

  test('needs the trainable har', () => {
    const other = definitionOf(file.replace('trainable: har', 'trainable: { command: [ls] }'));
    expect(() => rangeSweep(other, options)).toThrow('needs trainable: har');
  });
});
