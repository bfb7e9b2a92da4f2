import type { Parameter } from '../../src/sweep/parameter.js';
import { hypervolume } from '../../src/sweep/pareto.js';
import { Direction } from '../../src/sweep/sweep-definition.js';

/** Two functions of one configuration, both to minimise (E. Zitzler, K. Deb, L. Thiele, Evol. Comp. 2000). */
export interface FrontProblem {
  readonly name: string;
  readonly space: Readonly<Record<string, Parameter>>;
  /** The most hypervolume there is. */
  readonly optimum: number;
  values(x: readonly number[]): readonly [number, number];
}

export const frontReference = [1.1, 10] as const;

function zdt(
  name: string,
  dimensions: number,
  optimum: number,
  shape: (ratio: number) => number,
): FrontProblem {
  const space = Object.fromEntries(
    Array.from({ length: dimensions }, (_, i) => [
      `x${i + 1}`,
      { kind: 'float', low: 0, high: 1, log: false } as const,
    ]),
  );
  return {
    name: `${name} d=${dimensions}`,
    space,
    optimum,
    values: ([first = 0, ...rest]) => {
      const g = 1 + (9 * rest.reduce((sum, value) => sum + value, 0)) / rest.length;
      return [first, g * shape(first / g)];
    },
  };
}

export const frontProblems: readonly FrontProblem[] = [10, 30].flatMap((dimensions) => [
  zdt('ZDT1', dimensions, 10.667, (ratio) => 1 - Math.sqrt(ratio)),
  zdt('ZDT2', dimensions, 10.333, (ratio) => 1 - ratio ** 2),
]);

export function frontVolume(points: readonly (readonly number[])[]): number {
  return hypervolume(points, [Direction.Minimize, Direction.Minimize], frontReference);
}
