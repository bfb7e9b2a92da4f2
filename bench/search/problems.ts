import type { Parameter, Parameters } from '../../src/sweep/parameter.js';

/** A function to minimise whose least value is known. */
export interface SearchProblem {
  readonly name: string;
  readonly space: Readonly<Record<string, Parameter>>;
  /** The least value there is. */
  readonly optimum: number;
  value(parameters: Parameters): number;
}

function float(low: number, high: number, log = false): Parameter {
  return { kind: 'float', low, high, log };
}

function cube(dimensions: number, low: number, high: number): Record<string, Parameter> {
  return Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`x${i + 1}`, float(low, high)]));
}

function coordinates(parameters: Parameters): number[] {
  return Object.values(parameters).map(Number);
}

function continuous(
  name: string,
  space: Record<string, Parameter>,
  optimum: number,
  f: (x: readonly number[]) => number,
): SearchProblem {
  return { name, space, optimum, value: (parameters) => f(coordinates(parameters)) };
}

export const branin = continuous(
  'Branin',
  { x1: float(-5, 10), x2: float(0, 15) },
  0.397887,
  ([x = 0, y = 0]) =>
    (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
    10,
);

const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannP = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const hartmannAlpha = [1, 1.2, 3, 3.2];

export const hartmann6 = continuous(
  'Hartmann6',
  cube(6, 0, 1),
  -3.322368,
  (x) =>
    -hartmannAlpha.reduce((sum, alpha, i) => {
      const exponent = x.reduce(
        (total, value, j) =>
          total + (hartmannA[i]?.[j] ?? 0) * (value - (hartmannP[i]?.[j] ?? 0) / 10_000) ** 2,
        0,
      );
      return sum + alpha * Math.exp(-exponent);
    }, 0),
);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const ackley5 = continuous(
  'Ackley5',
  cube(5, -32.768, 32.768),
  0,
  (x) =>
    -20 * Math.exp(-0.2 * Math.sqrt(mean(x.map((v) => v * v)))) -
    Math.exp(mean(x.map((v) => Math.cos(2 * Math.PI * v)))) +
    20 +
    Math.E,
);

export const rosenbrock4 = continuous('Rosenbrock4', cube(4, -5, 10), 0, (x) =>
  x.slice(1).reduce((sum, next, i) => {
    const value = x[i] ?? 0;
    return sum + 100 * (next - value ** 2) ** 2 + (1 - value) ** 2;
  }, 0),
);

export const levy6 = continuous('Levy6', cube(6, -10, 10), 0, (x) => {
  const w = x.map((value) => 1 + (value - 1) / 4);
  const first = w[0] ?? 0;
  const last = w.at(-1) ?? 0;
  return (
    Math.sin(Math.PI * first) ** 2 +
    w.slice(0, -1).reduce((sum, v) => sum + (v - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * v + 1) ** 2), 0) +
    (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2)
  );
});

const activationCost: Record<string, number> = { relu: 0.03, tanh: 0.05, gelu: 0, sigmoid: 0.12 };

/** Three algorithms with parameters of their own, and a dropout that exists only in deep networks. */
export const mixedConditional: SearchProblem = {
  name: 'MixedCond',
  space: {
    algo: { kind: 'choice', values: ['sgd', 'adam', 'tree'] },
    act: { kind: 'choice', values: ['relu', 'tanh', 'gelu', 'sigmoid'] },
    layers: { kind: 'int', low: 1, high: 8, step: 1, log: false },
    batch: { kind: 'int', low: 8, high: 512, step: 1, log: true },
    sgd_lr: { ...float(1e-5, 1, true), when: 'algo == "sgd"' },
    sgd_mom: { ...float(0, 0.99), when: 'algo == "sgd"' },
    adam_lr: { ...float(1e-5, 1, true), when: 'algo == "adam"' },
    adam_b1: { ...float(0.5, 0.999), when: 'algo == "adam"' },
    tree_depth: { kind: 'int', low: 1, high: 16, step: 1, log: false, when: 'algo == "tree"' },
    tree_n: { kind: 'int', low: 10, high: 1000, step: 1, log: true, when: 'algo == "tree"' },
    dropout: { ...float(0, 0.7), when: 'layers >= 3' },
  },
  optimum: 0.08,
  value(parameters) {
    const number = (name: string): number => Number(parameters[name]);
    const logBatch = Math.log2(number('batch')) - 6;
    const byAlgorithm: Record<string, () => number> = {
      sgd: () =>
        0.12 +
        0.08 * (Math.log10(number('sgd_lr')) + 1.5 - 0.3 * logBatch) ** 2 +
        0.6 * (number('sgd_mom') - 0.9) ** 2,
      adam: () =>
        0.08 +
        0.1 * (Math.log10(number('adam_lr')) + 3 - 0.3 * logBatch) ** 2 +
        0.4 * (number('adam_b1') - 0.9) ** 2,
      tree: () =>
        0.2 + 0.004 * (number('tree_depth') - 7) ** 2 + 0.02 * (Math.log10(number('tree_n')) - 2.3) ** 2,
    };
    return (
      (byAlgorithm[String(parameters['algo'])]?.() ?? NaN) +
      (activationCost[String(parameters['act'])] ?? NaN) +
      0.01 * (number('layers') - 4) ** 2 +
      0.015 * logBatch ** 2 +
      (number('layers') >= 3 ? 0.3 * (number('dropout') - 0.2) ** 2 : 0.05)
    );
  },
};

export const searchProblems: readonly SearchProblem[] = [
  branin,
  hartmann6,
  ackley5,
  rosenbrock4,
  levy6,
  mixedConditional,
];
