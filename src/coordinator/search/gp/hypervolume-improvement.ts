import { paretoFront } from '../../../sweep/pareto.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import type { Improvement } from './improvement.js';
import { logExpectedImprovement, type LogImprovement } from './log-expected-improvement.js';
import type { Evaluation } from './minimise.js';
import type { Posterior, PredictionWithSlopes } from './posterior.js';

/** Two costs. */
export type Pair = readonly [number, number];

interface Normal {
  readonly mean: number;
  readonly deviation: number;
}

/** The logarithm of a hypervolume improvement, and its derivatives by mean and deviation of both costs. */
export interface LogVolume {
  readonly value: number;
  readonly byMean: Pair;
  readonly byDeviation: Pair;
}

/**
 * What a front of two costs leaves open below a reference point: strips along the first cost, each with the second cost
 * that what lies in it must stay below. The volume that a result adds is a sum over the strips of what it covers of the
 * strip's width, (to - y1)+ - (from - y1)+, times (height - y2)+; so its expectation under independent normal costs is a
 * sum of products of expected improvements, exact: K. Yang, M. Emmerich, A. Deutz, T. Baeck, "Efficient computation of
 * expected hypervolume improvement" (J. Glob. Opt. 2019). In logarithms, as in S. Ament et al. (NeurIPS 2023).
 */
export class Staircase {
  /** Where strips end, ascending; the first begins at minus infinity. */
  private readonly ends: readonly number[];
  /** By strip, descending. */
  private readonly heights: readonly number[];

  constructor(points: readonly Pair[], [first, second]: Pair) {
    const inside = points.filter(([a, b]) => a < first && b < second);
    const front = paretoFront(inside, [Direction.Minimize, Direction.Minimize])
      .map((index) => inside[index] as Pair)
      .sort(([a], [b]) => a - b);
    this.ends = [...front.map(([a]) => a), first];
    this.heights = [second, ...front.map(([, b]) => b)];
  }

  logImprovement(a: Normal, b: Normal): LogVolume {
    const terms: { value: number; width: LogImprovement; height: LogImprovement }[] = [];
    let before: LogImprovement | undefined;
    let most = -Infinity;
    this.ends.forEach((end, i) => {
      const upTo = logExpectedImprovement(a.mean, a.deviation, end);
      const width = before ? difference(upTo, before) : upTo;
      before = upTo;
      const height = logExpectedImprovement(b.mean, b.deviation, this.heights[i] ?? 0);
      const value = width.value + height.value;
      if (!(value > -Infinity)) return;
      most = Math.max(most, value);
      terms.push({ value, width, height });
    });
    let sum = 0;
    const byMean: [number, number] = [0, 0];
    const byDeviation: [number, number] = [0, 0];
    for (const { value, width, height } of terms) {
      const share = Math.exp(value - most);
      sum += share;
      byMean[0] += share * width.byMean;
      byMean[1] += share * height.byMean;
      byDeviation[0] += share * width.byDeviation;
      byDeviation[1] += share * height.byDeviation;
    }
    return {
      value: most + Math.log(sum),
      byMean: [byMean[0] / sum, byMean[1] / sum],
      byDeviation: [byDeviation[0] / sum, byDeviation[1] / sum],
    };
  }
}

/** Of e^a - e^b with a >= b, the logarithm and its derivatives. */
function difference(a: LogImprovement, b: LogImprovement): LogImprovement {
  const ratio = Math.exp(b.value - a.value);
  const rest = 1 - ratio;
  if (!(rest > 1e-15)) return { value: -Infinity, byMean: 0, byDeviation: 0 };
  return {
    value: a.value + Math.log(rest),
    byMean: (a.byMean - ratio * b.byMean) / rest,
    byDeviation: (a.byDeviation - ratio * b.byDeviation) / rest,
  };
}

/** Expected hypervolume improvement of two costs, each with a model of its own. */
export class HypervolumeImprovement implements Improvement {
  private stairs: Staircase;

  constructor(
    private readonly posteriors: readonly [Posterior, Posterior],
    private readonly front: Pair[],
    private readonly reference: Pair,
  ) {
    this.stairs = new Staircase(front, reference);
  }

  at(x: Float64Array): number {
    const [a, b] = this.posteriors;
    return this.stairs.logImprovement(normal(a.predict(x)), normal(b.predict(x))).value;
  }

  withSlopes(x: Float64Array): Evaluation {
    const predictions = this.posteriors.map((posterior) => posterior.predictWithSlopes(x));
    const [a, b] = predictions as [PredictionWithSlopes, PredictionWithSlopes];
    const { value, byMean, byDeviation } = this.stairs.logImprovement(normal(a), normal(b));
    const gradient = new Float64Array(x.length);
    predictions.forEach(({ variance, meanSlopes, varianceSlopes }, i) => {
      const byVariance = (byDeviation[i] as number) / (2 * Math.sqrt(variance));
      for (let k = 0; k < x.length; k++) {
        gradient[k] =
          (gradient[k] as number) +
          (byMean[i] as number) * (meanSlopes[k] as number) +
          byVariance * (varianceSlopes[k] as number);
      }
    });
    return { value, gradient };
  }

  believe(x: Float64Array, counts: boolean): void {
    const [a, b] = this.posteriors;
    if (counts) {
      this.front.push([a.predict(x).mean, b.predict(x).mean]);
      this.stairs = new Staircase(this.front, this.reference);
    }
    for (const posterior of this.posteriors) posterior.believe(x);
  }
}

function normal({ mean, variance }: { readonly mean: number; readonly variance: number }): Normal {
  return { mean, deviation: Math.sqrt(variance) };
}
