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

/** Dropout for one step of these members. */
export function dropoutOf(members: readonly DropoutMember[]): Dropout {
  return <T extends tf.Tensor>(x: T, layer: number): T => {
    if (members.every(({ rates }) => !rates[layer])) return x;
    const size = x.size / members.length;
    const masks = new Float32Array(x.size);
    members.forEach(({ seed, rates, step }, member) =>
      fillMask(
        masks.subarray(member * size, (member + 1) * size),
        rates[layer] ?? 0,
        randomBits(seed, layer, step),
      ),
    );
    return tf.mul<T>(x, tf.tensor(masks, x.shape));
  };
}

/** 16 random bits decide over a value: a mask for every step of a long sequence is millions of them. */
const levels = 65_536;

function fillMask(mask: Float32Array, rate: number, bits: () => number): void {
  const threshold = Math.round(rate * levels);
  const kept = 1 / (1 - rate);
  for (let index = 0; index < mask.length; index += 2) {
    const word = bits();
    mask[index] = (word & 0xffff) < threshold ? 0 : kept;
    // Beyond the end of an odd mask nothing is written.
    mask[index + 1] = word >>> 16 < threshold ? 0 : kept;
  }
}
