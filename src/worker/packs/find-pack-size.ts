/** What training so many trials as one program came to. */
export interface PackTry {
  /** Of all of them together. */
  readonly samplesPerSecond: number;
  /** What it took at most. */
  readonly bytes: number;
}

export interface PackLimits {
  /** Trials in a pack. */
  readonly most: number;
  /** Bytes that it may take. */
  readonly bytes: number;
}

/** Packs that gain less than a tenth over trials alone are not worth their common fate. */
const leastGain = 1.1;
/** A smaller pack that is nearly as fast shares less: it ends sooner, and others get the other slots. */
const nearly = 0.95;

/**
 * The smallest size within 5 % of the best throughput; 1 where packing gains less than 10 %. Doubles the size as long
 * as that makes it faster and fits into the memory, as the sizes before let expect; then bisects.
 * @param attempt measures one size; undefined where it can't be had
 */
export async function findPackSize(
  attempt: (size: number) => Promise<PackTry | undefined>,
  { most, bytes }: PackLimits,
): Promise<number> {
  const speeds = new Map<number, number>();
  let largest = { size: 1, bytes: 0 };
  const measure = async (size: number): Promise<number> => {
    const found = await attempt(size);
    const speed = found && found.bytes <= bytes ? found.samplesPerSecond : 0;
    speeds.set(size, speed);
    if (found && size >= largest.size) largest = { size, bytes: found.bytes };
    return speed;
  };
  const alone = await measure(1);
  let best = alone;
  // One step without a gain may be the machine's doing.
  for (let size = 2, without = 0; without < 2; size *= 2) {
    const next = Math.min(size, most);
    if (next <= largest.size || (largest.bytes / largest.size) * next > bytes) break;
    const speed = await measure(next);
    if (speed === 0) break;
    without = speed > best * 1.05 ? 0 : without + 1;
    best = Math.max(best, speed);
  }
  if (best < alone * leastGain) return 1;
  const isGood = (size: number): boolean => (speeds.get(size) ?? 0) >= nearly * best;
  const sizes = [...speeds.keys()].sort((a, b) => a - b);
  let good = sizes.find(isGood) ?? 1;
  let bad = sizes.filter((size) => size < good).at(-1) ?? good;
  while (good - bad > Math.max(1, good / 8)) {
    const middle = (good + bad) >> 1;
    best = Math.max(best, await measure(middle));
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Divides members into as few parts as that size needs, as even as can be. */
export function inParts<T>(members: readonly T[], size: number): T[][] {
  const count = Math.ceil(members.length / size);
  return Array.from({ length: count }, (_, part) =>
    members.slice(
      Math.ceil((part * members.length) / count),
      Math.ceil(((part + 1) * members.length) / count),
    ),
  );
}
