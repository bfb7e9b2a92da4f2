import { gammaln } from 'simple-statistics';
import type { Summary } from '../sweep/objective.js';

/** How far values of one configuration scatter, as well as that is known. */
export interface Noise {
  /** Of one value around the configuration's true one. */
  readonly variance: number;
  /** Degrees of freedom with which it is known: the variance scatters like a scaled inverse chi-square. */
  readonly freedom: number;
}

/** What configurations have in common: their variances are `scale * freedom / chi-square(freedom)`. */
interface SharedNoise {
  readonly scale: number;
  readonly freedom: number;
  readonly weight: number;
}

/** Few: every configuration has a noise of its own. Many: all have the same. */
const freedoms = [1, 2, 4, 8, 16, 32, 64, 128, 4096];
const scaleSteps = 32;
/** The scale is looked for from this part of the pooled variance to that multiple of it. */
const scaleRange = [1e-3, 1e2] as const;
const leastWeight = 1e-6;
/** So many replicates beyond the first, of so many configurations, that all agree: then there is no noise. */
const agreeing = { freedom: 5, configurations: 3 } as const;
/** Of the range of the means: smaller differences are errors of addition. */
const roundingError = 1e-9;

/**
 * The noise of each configuration, by what its own replicates say and what those of all others say together, each as
 * far as it can be trusted. Undefined where no configuration has two replicates: then nothing is known.
 *
 * The variances of the configurations are taken for draws from one scaled inverse chi-square distribution, as in
 * G. K. Smyth, "Linear models and empirical Bayes methods for assessing differential expression" (2004): a
 * configuration's variance is drawn towards the common one, the more the fewer replicates it has. The common scale and
 * its degrees of freedom are not estimated as numbers but averaged over a grid by their likelihood, so that few
 * replicates in all make for uncertain noise.
 *
 * Where no two replicates differ there is no noise (`agreeing`), or they are too few to say so: accuracies of few
 * samples are equal by chance. Then they are taken to scatter by the smallest difference between any two
 * configurations, which they may have missed by rounding, and the fewer they are, the less sure that is.
 */
export function moderatedNoise(summaries: readonly Summary[]): Noise[] | undefined {
  const samples = summaries.map(({ n, spread = 0 }) => ({
    freedom: n - 1,
    squares: spread * spread * (n - 1),
  }));
  const known = samples.filter(({ freedom }) => freedom > 0);
  const squares = known.reduce((sum, sample) => sum + sample.squares, 0);
  const freedom = known.reduce((sum, sample) => sum + sample.freedom, 0);
  if (freedom === 0) return undefined;
  if (squares > 0) return moderated(samples, squares / freedom);
  const gap = smallestGap(summaries.map(({ mean }) => mean));
  const isNone = freedom >= agreeing.freedom && known.length >= agreeing.configurations;
  if (isNone || gap === undefined) return samples.map(() => ({ variance: 0, freedom: Infinity }));
  // As if one pair of them all had differed by it.
  const each = gap ** 2 / 2 / freedom;
  return moderated(
    samples.map((sample) => ({ ...sample, squares: each * sample.freedom })),
    each,
  );
}

function moderated(samples: readonly Sample[], pooled: number): Noise[] {
  const shared = sharedNoise(
    samples.filter(({ freedom }) => freedom > 0),
    pooled,
  );
  const unmeasured = noiseOf({ freedom: 0, squares: 0 }, shared);
  return samples.map((sample) => (sample.freedom === 0 ? unmeasured : noiseOf(sample, shared)));
}

/** Between two different means; undefined where all are equal. */
function smallestGap(means: readonly number[]): number | undefined {
  const sorted = [...means].sort((a, b) => a - b);
  const range = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  const gaps = sorted.slice(1).map((mean, i) => mean - (sorted[i] ?? 0));
  return gaps.reduce<number | undefined>(
    (least, gap) => (gap > roundingError * range ? Math.min(gap, least ?? Infinity) : least),
    undefined,
  );
}

interface Sample {
  readonly freedom: number;
  /** Sum of squared deviations from the configuration's mean. */
  readonly squares: number;
}

/** Weights of scale and freedom by the marginal likelihood of the squares; flat in the logarithm of both before. */
function sharedNoise(samples: readonly Sample[], pooled: number): SharedNoise[] {
  const [low, high] = scaleRange;
  const grid = freedoms.flatMap((freedom) =>
    Array.from({ length: scaleSteps }, (_, step) => {
      const scale = pooled * low * (high / low) ** (step / (scaleSteps - 1));
      return { freedom, scale, likelihood: logLikelihood(samples, scale, freedom) };
    }),
  );
  const highest = Math.max(...grid.map(({ likelihood }) => likelihood));
  const weights = grid.map(({ likelihood }) => Math.exp(likelihood - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return grid
    .map(({ scale, freedom }, index) => ({ scale, freedom, weight: (weights[index] ?? 0) / total }))
    .filter(({ weight }) => weight > leastWeight);
}

/** Of sums of squares whose ratio to `scale` follows F distributions, but for what does not depend on the two. */
function logLikelihood(samples: readonly Sample[], scale: number, shared: number): number {
  const prior = shared * scale;
  const gammas = new Map<number, number>();
  let sum = 0;
  for (const { freedom, squares } of samples) {
    let gamma = gammas.get(freedom);
    if (gamma === undefined) {
      gamma = gammaln((freedom + shared) / 2) - gammaln(shared / 2);
      gammas.set(freedom, gamma);
    }
    // The second and third term in a form that stays exact where `shared` is large.
    sum += gamma - (freedom / 2) * Math.log(prior) - ((freedom + shared) / 2) * Math.log1p(squares / prior);
  }
  return sum;
}

function noiseOf({ freedom, squares }: Sample, shared: readonly SharedNoise[]): Noise {
  let mean = 0;
  let square = 0;
  let within = 0;
  let total = 0;
  for (const { scale, freedom: prior, weight } of shared) {
    const logVariance = Math.log((prior * scale + squares) / (prior + freedom));
    mean += weight * logVariance;
    square += weight * logVariance ** 2;
    within += weight * logChiSquareVariance(prior + freedom);
    total += weight;
  }
  mean /= total;
  const variance = Math.max(0, square / total - mean ** 2) + within / total;
  return { variance: Math.exp(mean), freedom: freedomOf(variance) };
}

/** About the variance of the logarithm of a chi-square variable: trigamma(freedom / 2). */
function logChiSquareVariance(freedom: number): number {
  return 2 / freedom + 2 / freedom ** 2;
}

/** The inverse of `logChiSquareVariance`. */
function freedomOf(variance: number): number {
  return (1 + Math.sqrt(1 + 2 * variance)) / variance;
}
