/** One point of a learning-rate range test (Smith 2017): the rate rises from step to step. */
export interface RangePoint {
  readonly step: number;
  readonly learningRate: number;
  /** Training loss. */
  readonly loss: number;
}

export interface RangeAnalysis {
  /** By step, with the loss smoothed; ends where the loss blew up. */
  readonly points: readonly (RangePoint & { readonly smoothed: number })[];
  /** The rate at the steepest fall of the smoothed loss. */
  readonly steepest: number;
  /** The rate at the smallest smoothed loss: about here training stops to be stable. */
  readonly lowest: number;
  /** What to train with: a tenth of `lowest`, or `steepest` where that is less. */
  readonly suggested: number;
  /** From here on the loss is above several times its smallest value; undefined where it never is. */
  readonly divergesAt: number | undefined;
}

/** The loss has blown up where it is so many times the smallest. */
const blownUp = 4;
/** Steps that the smoothing averages over, as a share of all. */
const smoothingShare = 1 / 30;

/**
 * Finds the learning rates that matter in the points of a range test. Slopes are by the logarithm of the rate.
 * @param points by step, rates ascending
 * @throws RangeError where there are fewer than ten points with a finite loss
 */
export function analyseRange(points: readonly RangePoint[]): RangeAnalysis {
  const finite = points.filter(({ loss }) => Number.isFinite(loss));
  if (finite.length < 10)
    throw new RangeError(`a range test needs at least ten points; this has ${finite.length}`);
  const averages = average(finite.map(({ loss }) => loss));
  let smallest = Infinity;
  const end = averages.findIndex((loss) => {
    smallest = Math.min(smallest, loss);
    return loss > blownUp * smallest;
  });
  const kept = smooth(end < 0 ? finite : finite.slice(0, end));
  const lowestAt = indexOfLeast(kept.map(({ smoothed }) => smoothed));
  const lowest = kept[lowestAt]!.learningRate;
  const steepest = kept[steepestAt(kept.slice(0, lowestAt + 1))]!.learningRate;
  return {
    points: kept,
    steepest,
    lowest,
    suggested: Math.min(steepest, lowest / 10),
    divergesAt: end < 0 ? undefined : finite[end]!.learningRate,
  };
}

/** The mean of the exponential averages from the left and from the right, so that neither side lags. */
function smooth(points: readonly RangePoint[]): (RangePoint & { readonly smoothed: number })[] {
  const losses = points.map(({ loss }) => loss);
  const fromLeft = average(losses);
  const fromRight = average(losses.reverse()).reverse();
  return points.map((point, index) => ({ ...point, smoothed: (fromLeft[index]! + fromRight[index]!) / 2 }));
}

/** Exponential average, corrected for its start as in Adam. */
function average(values: readonly number[]): number[] {
  const share = 1 - 1 / Math.max(3, values.length * smoothingShare);
  let sum = 0;
  return values.map((value, index) => {
    sum = share * sum + (1 - share) * value;
    return sum / (1 - share ** (index + 1));
  });
}

/** Position of the smallest slope of a line through the points around it. */
function steepestAt(points: readonly { readonly learningRate: number; readonly smoothed: number }[]): number {
  const reach = Math.max(1, Math.round(points.length / 20));
  const slopes = points.map((_, index) => {
    const around = points.slice(Math.max(0, index - reach), index + reach + 1);
    return slope(
      around.map(({ learningRate }) => Math.log(learningRate)),
      around.map(({ smoothed }) => smoothed),
    );
  });
  return indexOfLeast(slopes);
}

/** Of the line of least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [middleX, middleY] = [mean(x), mean(y)];
  let above = 0;
  let below = 0;
  x.forEach((value, index) => {
    above += (value - middleX) * (y[index]! - middleY);
    below += (value - middleX) ** 2;
  });
  return below > 0 ? above / below : 0;
}

function indexOfLeast(values: readonly number[]): number {
  let least = 0;
  values.forEach((value, index) => {
    if (value < values[least]!) least = index;
  });
  return least;
}
