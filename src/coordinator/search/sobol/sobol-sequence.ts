import { createRandom } from '../../../sweep/random.js';
import { directionNumbers } from './joe-kuo.js';

const bits = 32;
/** Sets the seeds of the scrambling apart from those of configurations. */
const stream = 0x50b0;

/** By dimension of the table: the 32 direction numbers, highest bit first. */
const directions: readonly Uint32Array[] = [
  Uint32Array.from({ length: bits }, (_, i) => (1 << (bits - 1 - i)) >>> 0),
  ...directionNumbers.trim().split('\n').map(directionsOf),
];

/** Expands a line of the table by the recurrence of its polynomial (Bratley and Fox, Algorithm 659, 1988). */
function directionsOf(line: string): Uint32Array {
  const [polynomial = 0, ...initial] = line.split(' ').map(Number);
  const degree = initial.length;
  const v = new Uint32Array(bits);
  for (let i = 0; i < bits; i++) {
    if (i < degree) {
      v[i] = (initial[i] ?? 0) << (bits - 1 - i);
      continue;
    }
    const base = v[i - degree] ?? 0;
    let value = base ^ (base >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((polynomial >>> (degree - k)) & 1) value ^= v[i - k] ?? 0;
    }
    v[i] = value;
  }
  return v;
}

/**
 * The 32 binary places of one coordinate of the plain sequence: point `index` of 2^32, `axis` among the table's 128.
 * Points come in the order of their index, not of its Gray code.
 */
export function sobolWord(index: number, axis: number): number {
  const v = directions[axis];
  let word = 0;
  for (let bit = 0, rest = index; rest !== 0; bit++, rest >>>= 1) if (rest & 1) word ^= v?.[bit] ?? 0;
  return word >>> 0;
}

/**
 * The Sobol sequence with nested uniform (Owen) scrambling: every aligned block of 2^k points fills the cube evenly,
 * and every single point is uniform in it. Scrambled by hashing: B. Burley, "Practical hash-based Owen scrambling",
 * JCGT 9 (2020), with the hash of N. Vegdahl (2021). Beyond the table's 128 dimensions, further blocks of
 * 128 go through the same points in another, equally scrambled order (padding, section 5 of the same paper).
 */
export class SobolSequence {
  private readonly scrambles: Uint32Array;
  private readonly shuffles: Uint32Array;

  constructor(
    readonly dimensions: number,
    seed: number,
  ) {
    const random = createRandom(seed, stream);
    const word = (): number => random.below(2 ** 31) * 2 + random.below(2);
    this.scrambles = Uint32Array.from({ length: dimensions }, word);
    this.shuffles = Uint32Array.from({ length: Math.ceil(dimensions / directions.length) }, word);
  }

  /** The coordinates in (0, 1) of the point with this index, `0 <= index < 2^32`. */
  point(index: number): number[] {
    const point: number[] = [];
    let shuffled = index;
    for (let axis = 0; axis < this.dimensions; axis++) {
      const block = Math.floor(axis / directions.length);
      if (block > 0 && axis % directions.length === 0) shuffled = scramble(index, this.shuffles[block] ?? 0);
      const word = sobolWord(shuffled, axis % directions.length);
      point.push((scramble(word, this.scrambles[axis] ?? 0) + 0.5) / 2 ** bits);
    }
    return point;
  }
}

/** Permutes 32-bit words so that each bit depends on the bits above it alone: Owen's nested permutation. */
function scramble(word: number, seed: number): number {
  let x = reverse(word);
  x ^= Math.imul(x, 0x3d20_adea);
  x = (x + seed) | 0;
  x = Math.imul(x, (seed >>> 16) | 1);
  x ^= Math.imul(x, 0x0552_6c56);
  x ^= Math.imul(x, 0x53a2_2864);
  return reverse(x) >>> 0;
}

function reverse(x: number): number {
  x = ((x >>> 1) & 0x5555_5555) | ((x & 0x5555_5555) << 1);
  x = ((x >>> 2) & 0x3333_3333) | ((x & 0x3333_3333) << 2);
  x = ((x >>> 4) & 0x0f0f_0f0f) | ((x & 0x0f0f_0f0f) << 4);
  x = ((x >>> 8) & 0x00ff_00ff) | ((x & 0x00ff_00ff) << 8);
  return (x >>> 16) | (x << 16);
}
