const rootTwoPi = Math.sqrt(2 * Math.PI);
const logRootTwoPi = Math.log(rootTwoPi);

/** The Mills ratio (1 - Phi(t)) / phi(t) of the normal distribution, `t >= 0`, to 13 digits. */
export function millsRatio(t: number): number {
  if (t < 2.5) {
    // Phi(t) - 1/2 = phi(t) (t + t^3/3 + t^5/15 + ...)
    let term = t;
    let sum = t;
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (t * t) / k;
      sum += term;
    }
    return (rootTwoPi / 2) * Math.exp((t * t) / 2) - sum;
  }
  // Laplace's continued fraction, from its end.
  let tail = t;
  for (let k = t < 6 ? 80 : 20; k >= 1; k--) tail = t + k / tail;
  return 1 / tail;
}

/** log Phi(z) and its derivative. Right far into the tail, where Phi itself is 0. */
export function logNormalCdf(z: number): { readonly value: number; readonly slope: number } {
  const logDensity = (-z * z) / 2 - logRootTwoPi;
  const ratio = millsRatio(Math.abs(z));
  if (z < 0) return { value: logDensity + Math.log(ratio), slope: 1 / ratio };
  const density = Math.exp(logDensity);
  const cdf = 1 - density * ratio;
  return { value: Math.log1p(-density * ratio), slope: density / cdf };
}

export interface LogImprovement {
  readonly value: number;
  readonly byMean: number;
  readonly byDeviation: number;
}

/**
 * The logarithm of the expected improvement below `best` of a normal value, and its derivatives by mean and
 * standard deviation: S. Ament et al., "Unexpected improvements to expected improvement" (NeurIPS 2023). It does not
 * vanish where the improvement itself is far below the smallest number, so it can be climbed from anywhere.
 */
export function logExpectedImprovement(mean: number, deviation: number, best: number): LogImprovement {
  const z = (best - mean) / deviation;
  const logDensity = (-z * z) / 2 - logRootTwoPi;
  // The improvement is deviation * phi(z) * g, with g = 1 + z Phi(z) / phi(z).
  let g: number;
  let cdfByDensity: number;
  if (z < 0) {
    cdfByDensity = millsRatio(-z);
    g = z > -1e3 ? 1 + z * cdfByDensity : (1 - 3 / (z * z)) / (z * z);
  } else {
    const density = Math.exp(logDensity);
    const cdf = 1 - density * millsRatio(z);
    if (z > 30) return { value: Math.log(best - mean), byMean: -1 / (best - mean), byDeviation: 0 };
    cdfByDensity = cdf / density;
    g = 1 + z * cdfByDensity;
  }
  return {
    value: Math.log(deviation) + logDensity + Math.log(g),
    byMean: -cdfByDensity / (g * deviation),
    byDeviation: 1 / (g * deviation),
  };
}
