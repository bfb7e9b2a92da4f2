import { probit } from 'simple-statistics';
import type { Summary } from '../sweep/objective.js';
import type { Random } from '../sweep/random.js';
import { moderatedNoise, type Noise } from './noise.js';

/** What is believed of a configuration's true value (the mean over endlessly many seeds) after its replicates. */
export interface Posterior {
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
  /** The true value lies between the two with 95%. */
  readonly low: number;
  readonly high: number;
}

/** How the true values of configurations scatter around each other. */
interface Prior {
  readonly weight: number;
  /** Variance of the true values. */
  readonly variance: number;
  readonly mean: number;
  /** Of `mean`. */
  readonly meanVariance: number;
}

const steps = 48;
/** The scatter of true values is looked for from this part of the scatter of means to that multiple of it. */
const range = [1e-3, 1e2] as const;
const leastWeight = 1e-6;
export const coverage = 0.95;

/**
 * The true values of all configurations at once. The model is the hierarchical normal one (A. Gelman et al., Bayesian
 * Data Analysis, 3rd edition, section 5.4): values scatter normally around their configuration's true value, with the
 * noise of `moderatedNoise`; true values scatter normally around a common mean. So a mean is drawn towards the common
 * one, the more the fewer seeds stand behind it, which takes back what the luckiest of many gains by luck (the
 * winner's curse). The scatter of the true values is averaged over a grid, with a half-Cauchy prior (A. Gelman,
 * "Prior distributions for variance parameters in hierarchical models", 2006).
 */
export class PosteriorModel {
  readonly posteriors: readonly Posterior[];

  private constructor(
    private readonly summaries: readonly Summary[],
    private readonly noise: readonly Noise[],
    private readonly priors: readonly Prior[],
  ) {
    this.posteriors = summaries.map((summary, index) => this.posteriorOf(summary, noise[index] as Noise));
  }

  /** Undefined where no configuration has two replicates: nothing is known of the noise then. */
  static of(summaries: readonly Summary[]): PosteriorModel | undefined {
    const noise = moderatedNoise(summaries);
    return noise && new PosteriorModel(summaries, noise, priorsOf(summaries, noise));
  }

  /** Standard deviation of one value of this configuration around its true one. */
  noiseOf(index: number): number {
    return Math.sqrt(this.noise[index]?.variance ?? NaN);
  }

  /** A function that draws true values of these configurations jointly into `values`. */
  drawing(indices: readonly number[], random: Random): (values: Float64Array) => void {
    const chosen = indices.map((index) => ({
      mean: this.summaries[index]?.mean ?? NaN,
      variance: (this.noise[index]?.variance ?? NaN) / (this.summaries[index]?.n ?? 1),
      freedom: this.noise[index]?.freedom ?? 1,
    }));
    return (values) => {
      const prior = this.pick(random.next());
      const common = prior ? prior.mean + Math.sqrt(prior.meanVariance) * random.normal() : 0;
      chosen.forEach(({ mean, variance, freedom }, position) => {
        const own = variance * scaledInverseChiSquare(freedom, random);
        if (!prior) values[position] = mean + Math.sqrt(own) * random.normal();
        else if (own === 0) values[position] = mean;
        else {
          const trust = prior.variance / (prior.variance + own);
          values[position] = common + trust * (mean - common) + Math.sqrt(trust * own) * random.normal();
        }
      });
    };
  }

  private pick(u: number): Prior | undefined {
    let rest = u;
    for (const prior of this.priors) {
      rest -= prior.weight;
      if (rest < 0) return prior;
    }
    return this.priors.at(-1);
  }

  private posteriorOf({ n, mean }: Summary, { variance, freedom }: Noise): Posterior {
    const own = variance / n;
    if (own === 0) return { mean, deviation: 0, low: mean, high: mean };
    let center = 0;
    let square = 0;
    const priors = this.priors.length > 0 ? this.priors : [undefined];
    for (const prior of priors) {
      const trust = prior ? prior.variance / (prior.variance + own) : 1;
      const value = prior ? prior.mean + trust * (mean - prior.mean) : mean;
      const scatter = trust * own + (1 - trust) ** 2 * (prior?.meanVariance ?? 0);
      // Around the observed mean, for the digits.
      center += (prior?.weight ?? 1) * (value - mean);
      square += (prior?.weight ?? 1) * (scatter + (value - mean) ** 2);
    }
    const deviation = Math.sqrt(Math.max(0, square - center ** 2));
    const reach = deviation * studentQuantile((1 + coverage) / 2, freedom);
    const middle = mean + center;
    return { mean: middle, deviation, low: middle - reach, high: middle + reach };
  }
}

/** Empty for a single configuration: there is nothing that it could be drawn to. */
function priorsOf(summaries: readonly Summary[], noise: readonly Noise[]): Prior[] {
  const means = summaries.map(({ mean }) => mean);
  const average = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  const scatter = Math.sqrt(
    means.reduce((sum, mean) => sum + (mean - average) ** 2, 0) / Math.max(1, means.length - 1),
  );
  if (scatter === 0) return [];
  const variances = summaries.map(({ n }, index) => (noise[index]?.variance ?? 0) / n);
  const [low, high] = range;
  const found = Array.from({ length: steps }, (_, step) => {
    const ratio = low * (high / low) ** (step / (steps - 1));
    const { likelihood, mean, meanVariance } = fitted(means, variances, (ratio * scatter) ** 2);
    // Half-Cauchy in the scatter; `ratio` for the grid is even in its logarithm.
    return {
      score: likelihood + Math.log(ratio / (1 + ratio ** 2)),
      variance: (ratio * scatter) ** 2,
      mean,
      meanVariance,
    };
  });
  const highest = Math.max(...found.map(({ score }) => score));
  const total = found.reduce((sum, { score }) => sum + Math.exp(score - highest), 0);
  return found
    .map(({ score, ...prior }) => ({ ...prior, weight: Math.exp(score - highest) / total }))
    .filter(({ weight }) => weight > leastWeight);
}

/** Likelihood of the means given the variance of true values, their common mean integrated out. */
function fitted(
  means: readonly number[],
  variances: readonly number[],
  variance: number,
): { likelihood: number; mean: number; meanVariance: number } {
  let weights = 0;
  let weighted = 0;
  let logs = 0;
  means.forEach((mean, index) => {
    const whole = variance + (variances[index] ?? 0);
    weights += 1 / whole;
    weighted += mean / whole;
    logs += Math.log(whole);
  });
  const mean = weighted / weights;
  const squares = means.reduce(
    (sum, value, index) => sum + (value - mean) ** 2 / (variance + (variances[index] ?? 0)),
    0,
  );
  return { likelihood: -(logs + Math.log(weights) + squares) / 2, mean, meanVariance: 1 / weights };
}

/** `freedom / chi-square(freedom)`, by Wilson and Hilferty's normal approximation of the cube root. */
function scaledInverseChiSquare(freedom: number, random: Random): number {
  if (freedom === Infinity) return 1;
  const spread = 2 / (9 * freedom);
  const root = 1 - spread + Math.sqrt(spread) * random.normal();
  return 1 / Math.max(0.01, root) ** 3;
}

/** Quantile of Student's distribution by its expansion around the normal one (Abramowitz and Stegun, 26.7.5). */
export function studentQuantile(probability: number, freedom: number): number {
  const z = probit(probability);
  const inverse = 1 / Math.max(1, freedom);
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduceRight((sum, term) => (sum + term) * inverse, 0) + z;
}
