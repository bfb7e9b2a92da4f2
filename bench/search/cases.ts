import type { Parameter, Parameters } from '../../src/sweep/parameter.js';
import { frontProblems, frontVolume, type FrontProblem } from './fronts.js';
import { branin, hartmann6, searchProblems, type SearchProblem } from './problems.js';

export const parts = ['quality', 'fronts', 'parallel', 'noise'] as const;
export type Part = (typeof parts)[number];

/** What one trial gave: what the sampler was told, for each objective, and the first without noise. */
export interface Outcome {
  readonly values: readonly number[];
  readonly truth: number;
}

/** One thing to search, and what is read off. */
export interface SearchCase {
  readonly part: Part;
  readonly name: string;
  /** The name by which the peer's script knows the problem. */
  readonly problem: string;
  readonly space: Readonly<Record<string, Parameter>>;
  readonly objectives: number;
  /** Standard deviation of what is added to the value. */
  readonly noise: number;
  /** Trials that run at once. */
  readonly workers: number;
  /** After how many trials the figure is taken; the last is how many there are. */
  readonly marks: readonly number[];
  /** Reference figures at the marks: the best column of the published table. */
  readonly published?: readonly number[];
  readonly better: 'higher' | 'lower';
  /** The best figure there is. */
  readonly optimum: number;
  readonly unit: string;
  values(parameters: Parameters): readonly number[];
  /** The figure after these trials, of which the search would recommend one. */
  figure(outcomes: readonly Outcome[], recommended: number): number;
}

/** By problem: the best column of the published table (Optuna 3.1.0, 20 seeds), after 100 and 200 trials. */
const published: Readonly<Record<string, readonly number[]>> = {
  Branin: [-1.92, -5],
  Hartmann6: [-0.73, -1.37],
  Ackley5: [0.81, 0.43],
  Rosenbrock4: [1.65, 0.68],
  Levy6: [-0.12, -0.74],
  MixedCond: [-1.74, -2.15],
  'ZDT1 d=10': [9.64, 10.12],
  'ZDT2 d=10': [7.89, 9.57],
  'ZDT1 d=30': [7.64, 9.4],
  'ZDT2 d=30': [6.46, 8.68],
};

/** How far from the optimum, as a power of ten; at least -12. */
export function logRegret(problem: Pick<SearchProblem, 'optimum'>, value: number): number {
  return Math.log10(Math.max(1e-12, value - problem.optimum));
}

function single(
  problem: SearchProblem,
  part: Part,
  marks: readonly number[],
  workers = 1,
  noise = 0,
): SearchCase {
  const reference = part === 'quality' ? published[problem.name] : undefined;
  return {
    part,
    name: [
      problem.name,
      ...(workers > 1 ? [`${workers} workers`] : []),
      ...(noise > 0 ? [`noise ${noise}`] : []),
    ].join(', '),
    problem: problem.name,
    space: problem.space,
    objectives: 1,
    noise,
    workers,
    marks,
    ...(reference && { published: reference }),
    better: 'lower',
    optimum: -Infinity,
    unit: 'log10 regret',
    values: (parameters) => [problem.value(parameters)],
    figure: (outcomes, recommended) =>
      logRegret(
        problem,
        noise > 0
          ? (outcomes[recommended]?.truth ?? Infinity)
          : outcomes.reduce((least, { truth }) => Math.min(least, truth), Infinity),
      ),
  };
}

function front(problem: FrontProblem): SearchCase {
  const reference = published[problem.name];
  return {
    part: 'fronts',
    name: problem.name,
    problem: problem.name,
    space: problem.space,
    objectives: 2,
    noise: 0,
    workers: 1,
    marks: [200, 1000],
    ...(reference && { published: reference }),
    better: 'higher',
    optimum: problem.optimum,
    unit: 'hypervolume',
    values: (parameters) => problem.values(Object.values(parameters).map(Number)),
    figure: (outcomes) => frontVolume(outcomes.map(({ values }) => values)),
  };
}

export const searchCases: readonly SearchCase[] = [
  ...searchProblems.map((problem) => single(problem, 'quality', [100, 200])),
  ...frontProblems.map(front),
  ...searchProblems.map((problem) => single(problem, 'parallel', [200], 16)),
  single(branin, 'noise', [100, 200], 1, 1),
  single(hartmann6, 'noise', [100, 200], 1, 0.1),
];
