import { randomBits } from '../../sweep/random.js';
import * as tf from './tfjs.js';

/**
 * Dropout (Srivastava et al. 2014), scaled while training so that nothing is to be scaled after: values are set to 0
 * with a probability of the member's own, the others divided by the probability of being kept. Gives x itself where
 * nothing is dropped, as when evaluating.
 * @param x [K, ...]
 * @param layer which of the architecture's dropout layers this is, from 0
 */
export type Dropout = <T extends tf.Tensor>(x: T, layer: number) => T;

export const noDropout: Dropout = (x) => x;

/** What a member's masks follow from, and nothing else: so they are the same alone, packed, and after a restart. */
export interface DropoutMember {
  readonly seed: number;
  /** Probability of dropping, by layer. */
  readonly rates: readonly number[];
  /** Steps that this member has trained before. */
  readonly step: number;
}

/** Which rows of a batch x holds: those from `first` on, of a batch of so many. */
export interface BatchRows {
  readonly first: number;
  readonly of: number;
}

/**
 * Dropout for one step of these members.
 * @param part where x is [K, ..., rows, width] of a part of a batch: it is dropped what would be of the whole
 */
export function dropoutOf(members: readonly DropoutMember[], part?: BatchRows): Dropout {
  return <T extends tf.Tensor>(x: T, layer: number): T => {
    if (members.every(({ rates }) => !rates[layer])) return x;
    const size = x.size / members.length;
    const [rows, width] = part ? [x.shape.at(-2)!, x.shape.at(-1)!] : [size, 1];
    const { first, of } = part ?? { first: 0, of: size };
    const masks = new Float32Array(x.size);
    members.forEach(({ seed, rates, step }, member) => {
      const mask = new Mask(rates[layer] ?? 0, randomBits(seed, layer, step));
      const end = (member + 1) * size;
      for (let at = member * size, row = first; at < end; at += rows * width, row += of)
        mask.fill(masks.subarray(at, at + rows * width), row * width);
    });
    return tf.mul<T>(x, tf.tensor(masks, x.shape));
  };
}

/** 16 random bits decide over a value: a mask for every step of a long sequence is millions of them. */
const levels = 65_536;

/** What is kept of a tensor, from its start to its end. */
class Mask {
  private readonly threshold: number;
  private readonly kept: number;
  /** Values decided over so far. */
  private at = 0;
  /** The last random bits: those of an odd value are what its neighbour left. */
  private word = 0;

  constructor(
    rate: number,
    private readonly bits: () => number,
  ) {
    this.threshold = Math.round(rate * levels);
    this.kept = 1 / (1 - rate);
  }

  /** Writes the values from position `from` on, which is not before where the last ones ended. */
  fill(to: Float32Array, from: number): void {
    const { bits, threshold, kept } = this;
    let { word } = this;
    for (let words = ((from + 1) >> 1) - ((this.at + 1) >> 1); words > 0; words--) word = bits();
    let index = 0;
    if (from & 1) to[index++] = word >>> 16 < threshold ? 0 : kept;
    for (; index < to.length; index += 2) {
      word = bits();
      to[index] = (word & 0xffff) < threshold ? 0 : kept;
      // Beyond the end nothing is written.
      to[index + 1] = word >>> 16 < threshold ? 0 : kept;
    }
    this.word = word;
    this.at = from + to.length;
  }
}
