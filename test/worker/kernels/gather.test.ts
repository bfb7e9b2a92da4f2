import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { gatherRows } from '../../../src/worker/training/kernels/gather.js';
import { useKernels } from '../../../src/worker/training/kernels/recurrent.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import '@tensorflow/tfjs-backend-wasm';

const native = new URL('../../../build/native/recurrent.node', import.meta.url);

// Skipped where install found no compiler for the native addon.
for (const kernels of ['reference', 'native'] as const)
  describe.skipIf(kernels === 'native' && !existsSync(native))(
    `kernels - rows of a batch, ${kernels}`,
    () => {
      beforeEach(async () => {
        await tf.setBackend('wasm');
        await useKernels(kernels);
      });

      test.each([1, 2, 3, 4, 6, 9, 10])('rows of %i columns are gathered out of shared memory', (width) => {
        const [planes, count] = [3, 60];
        const values = new Float32Array(new SharedArrayBuffer(4 * planes * count * width));
        values.forEach((_, index) => (values[index] = index));
        const rows = Int32Array.from({ length: 50 }, (_, index) => (index * 7) % count);
        const to = new Float32Array(planes * rows.length * width);
        gatherRows(values, planes, width, rows, to);
        const wanted = Array.from({ length: planes }, (_, plane) =>
          [...rows].flatMap((row) =>
            Array.from({ length: width }, (_, column) => (plane * count + row) * width + column),
          ),
        );
        expect([...to]).toEqual(wanted.flat());
      });

      test('a part of a larger array is written where it is', () => {
        const to = new Float32Array(8);
        gatherRows(Float32Array.of(1, 2, 3, 4), 1, 2, Int32Array.of(1, 0), to.subarray(2, 6));
        expect([...to]).toEqual([0, 0, 3, 4, 1, 2, 0, 0]);
      });

      test.each([[-1], [2]])('row %i, which is not there, is refused', (row) => {
        const gather = (): void =>
          gatherRows(new Float32Array(4), 1, 2, Int32Array.of(row), new Float32Array(2));
        expect(gather).toThrow('a row to gather is not in the data');
      });
    },
  );
