import type { Random } from '../../../sweep/random.js';

/** How near children are to their parents, and mutants to what they were: larger is nearer. */
const crossIndex = 15;
const mutationIndex = 20;
/** How likely two parents are crossed at all, and each of their values then. */
const crossed = 0.9;
const valueCrossed = 0.5;

/**
 * One child of two points of the unit cube: simulated binary crossover (K. Deb, R. B. Agrawal, Complex Systems 1995).
 * Choices come from one parent or the other.
 */
export function cross(
  a: readonly number[],
  b: readonly number[],
  unordered: readonly boolean[],
  random: Random,
): number[] {
  if (random.next() >= crossed) return [...a];
  return a.map((value, k) => {
    const other = b[k] ?? value;
    if (random.next() >= valueCrossed) return value;
    if (unordered[k]) return other;
    const u = random.next();
    const exponent = 1 / (crossIndex + 1);
    const spread = u <= 0.5 ? (2 * u) ** exponent : (1 / (2 * (1 - u))) ** exponent;
    const side = random.next() < 0.5 ? 1 : -1;
    return inside((value + other + side * spread * (value - other)) / 2);
  });
}

/** Changes one value in as many as there are, on average: polynomial mutation (Deb 2001); choices become any other. */
export function mutate(point: readonly number[], unordered: readonly boolean[], random: Random): number[] {
  return point.map((value, k) => {
    if (random.next() >= 1 / point.length) return value;
    if (unordered[k]) return random.next();
    const u = random.next();
    const exponent = 1 / (mutationIndex + 1);
    const change =
      u < 0.5
        ? (2 * u + (1 - 2 * u) * (1 - value) ** (mutationIndex + 1)) ** exponent - 1
        : 1 - (2 * (1 - u) + (2 * u - 1) * value ** (mutationIndex + 1)) ** exponent;
    return inside(value + change);
  });
}

function inside(value: number): number {
  return Math.min(1, Math.max(0, value));
}
