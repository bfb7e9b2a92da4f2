import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A source of random numbers that is handed in, so that what uses it is a function of its input. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform among 0 .. n - 1. */
  below(n: number): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

const golden = 0x9e37_79b9;

/** The finaliser of MurmurHash3: a bijection of 32 bits in which every input bit changes half of the output bits. */
function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x85eb_ca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2_ae35);
  return x ^ (x >>> 16);
}

/** 32 bits from any number of seeds; seeds beyond 32 bits count whole up to 53. */
function absorb(start: number, seeds: readonly number[]): number {
  let state = mix(start);
  for (const seed of seeds) {
    state = mix((state + golden) ^ (seed | 0));
    const high = Math.floor(seed / 2 ** 32);
    if (high !== 0 && high !== -1) state = mix((state + golden) ^ (high | 0));
  }
  return state;
}

function generatorOf(seeds: readonly number[]): ReturnType<typeof xoroshiro128plusFromState> {
  const state = [1, 2, 3, 4].map((lane) => absorb(Math.imul(lane, golden), seeds));
  return xoroshiro128plusFromState(state.every((word) => word === 0) ? [1, 0, 0, 0] : state);
}

/**
 * The stream of random numbers that belongs to these seeds (whole numbers), whatever was drawn elsewhere:
 * xoroshiro128+, whose 128 bits of state come from the seeds by four independent hashes. Neighbouring seeds give
 * streams that have nothing in common.
 */
export function createRandom(...seeds: number[]): Random {
  const generator = generatorOf(seeds);
  const next = (): number => uniformFloat64(generator);
  let spare: number | undefined;
  return {
    next,
    below: (n) => uniformInt(generator, 0, n - 1),
    // Marsaglia's polar method gives two at a time.
    normal: () => {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      for (;;) {
        const x = 2 * next() - 1;
        const y = 2 * next() - 1;
        const square = x * x + y * y;
        if (square >= 1 || square === 0) continue;
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        spare = y * factor;
        return x * factor;
      }
    },
  };
}

/**
 * The seed of a trial: 32 bits, unsigned. Replicates of one configuration never share one, nor do the same
 * replicates of two configurations.
 */
export function trialSeed(sweepSeed: number, configuration: number, replicate: number): number {
  // Each step is a bijection of what is added, so different numbers cannot meet.
  const ofConfiguration = mix((absorb(golden, [sweepSeed]) + Math.imul(configuration, golden)) | 0);
  return mix((ofConfiguration + Math.imul(replicate, 0x85eb_ca77)) | 0) >>> 0;
}

/** 32 random bits a call, as a signed whole number, of the stream that belongs to these seeds: for many at once. */
export function randomBits(...seeds: number[]): () => number {
  const generator = generatorOf(seeds);
  return () => generator.next();
}
