import { readFileSync } from 'node:fs';
import { z } from 'zod';

const rows = z.array(z.array(z.number()));

/** Values that numpy computed in double precision; `reference.py` beside this makes them. */
export const reference = z
  .object({
    selfTest: z.array(z.number()),
    cells: z.object({ lstm: z.array(rows), gruRelu: z.array(rows), gruTanh: z.array(rows) }),
    optimizers: z.object({ rmsprop: z.array(rows), adam: z.array(rows) }),
    rotations: z.array(z.object({ window: z.array(z.number()), rotated: z.array(z.number()) })),
  })
  .parse(JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')));

const network = z.object({ loss: z.number(), gradients: z.array(z.number()) });

/** Values that PyTorch computed in double precision; `torch-reference.py` beside this makes them. */
export const torchReference = z
  .object({
    optimizers: z.record(z.string(), z.array(rows)),
    clipping: z.object({ norm: z.array(rows), value: z.array(rows), both: z.array(rows) }),
    schedules: z.record(z.string(), z.array(z.number())),
    networks: z.record(z.string(), network),
  })
  .parse(JSON.parse(readFileSync(new URL('torch-reference.json', import.meta.url), 'utf8')));

/** The numbers that `reference.py` calls a wave: sin(start + i) / 2. */
export function wave(size: number, start: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(start + i) / 2);
}

/** The largest difference between two lists of numbers of the same length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
