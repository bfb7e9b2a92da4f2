import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Kernels } from '../../../src/worker/training/kernels/recurrent.js';
import { lstm, useKernels } from '../../../src/worker/training/kernels/recurrent.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { Case } from './cases.js';
import { apply, cells, computed, errors, expected, problemOf, tensorsOf } from './cases.js';

const small: Case = {
  ...{
    cell: 'lstm',
    relu: false,
    returnSequences: true,
    reverse: false,
    models: 3,
    sharedInput: false,
    inputGradient: true,
  },
  ...{ steps: 4, batch: 5, inputs: 3, units: 6, seed: 5 },
};

function wasmBytes(): number {
  return (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.buffer.byteLength;
}

beforeEach(async () => {
  expect(await tf.setBackend('wasm')).toBe(true);
});

const native = new URL('../../../build/native/recurrent.node', import.meta.url);

for (const kernels of ['wasm', 'native'] as const satisfies Kernels[])
  describe.skipIf(kernels === 'native' && !existsSync(native))(`kernels - ${kernels}`, () => {
    test.each(cells)(`a model of NaN leaves the others alone and stays NaN: ${kernels} %s`, async (cell) => {
      for (const relu of [false, true]) {
        await useKernels(kernels);
        const layer = { ...small, cell, relu };
        const problem = problemOf(layer);
        const sound = computed(layer, problem);
        problem.models[1]!.kernel.fill(NaN);
        const mixed = computed(layer, problem);
        for (const name of ['y', 'x', 'kernel', 'recurrentKernel', 'bias'] as const) {
          const values = [...(mixed[name] as Float32Array)];
          const size = values.length / 3;
          expect(values.slice(size, 2 * size).every(Number.isNaN), `${name} of the second model`).toBe(true);
          values.splice(size, size);
          const others = [...(sound[name] as Float32Array)];
          others.splice(size, size);
          expect(values).toEqual(others);
        }
      }
    });

    test(`states that are computed again give the very same gradients: ${kernels}`, async () => {
      for (const cell of cells) {
        const layer = { ...small, cell, batch: 150, units: 17 };
        const problem = problemOf(layer);
        await useKernels(kernels, { keepStatesBytes: Infinity });
        const kept = computed(layer, problem);
        await useKernels(kernels, { keepStatesBytes: 0 });
        expect(computed(layer, problem)).toEqual(kept);
      }
    });

    test(`values far out saturate: ${kernels}`, async () => {
      await useKernels(kernels);
      for (const cell of cells) {
        const layer = { ...small, cell };
        const problem = problemOf(layer);
        for (const { kernel } of problem.models) kernel.forEach((value, i) => (kernel[i] = value * 1000));
        const { y } = errors(computed(layer, problem), expected(layer, problem));
        expect(y).toBeLessThan(1e-4);
      }
    });

    test(`nothing is left behind, and the memory may grow in between: ${kernels}`, async () => {
      await useKernels(kernels);
      const problem = problemOf(small);
      const first = computed(small, problem);
      const { numTensors } = tf.memory();
      const bytes = wasmBytes();
      for (let i = 0; i < 300; i++) computed(small, problem);
      expect(wasmBytes()).toBe(bytes);
      const large = tf.zeros([bytes]);
      expect(wasmBytes()).toBeGreaterThan(bytes);
      expect(computed(small, problem)).toEqual(first);
      large.dispose();
      expect(tf.memory().numTensors).toBe(numTensors);
    });

    test(`a layer that exceeds the memory is refused, and leaves nothing behind: ${kernels}`, async () => {
      await useKernels(kernels);
      tf.tidy(() => {
        const layer = { ...small, models: 1, steps: 1, batch: 1, inputs: 1, units: 500 };
        const [, ...weights] = tensorsOf(layer, problemOf(layer));
        const x = tf.zeros<tf.Rank.R4>([1, 2000, 2000, 1]);
        const before = tf.memory().numDataBuffers;
        expect(() => apply(layer, [x, ...weights])).toThrow(
          'the memory of the wasm backend has no room for 7630 MiB more',
        );
        expect(tf.memory().numDataBuffers).toBe(before);
        expect(wasmBytes()).toBeLessThan(2 ** 29);
      });
    });

    test(`a gradient exists where only the weights are asked for, too: ${kernels}`, async () => {
      await useKernels(kernels);
      tf.tidy(() => {
        const [x, kernel, recurrentKernel, bias] = tensorsOf(small, problemOf(small));
        const loss = (weights: tf.Tensor3D): tf.Scalar =>
          tf.sum(apply(small, [x, weights, recurrentKernel, bias]));
        expect(tf.grad((weights) => loss(weights as tf.Tensor3D))(kernel).shape).toEqual(kernel.shape);
      });
    });
  });

describe('kernels - choice', () => {
  test('auto takes compiled kernels on the wasm backend and says on what they run', async () => {
    const { kernels, reason } = await useKernels('auto');
    expect(kernels).toBe(existsSync(native) ? 'native' : 'wasm');
    expect(reason).toMatch(
      existsSync(native) ? /AVX|baseline/ : /^WebAssembly (relaxed )?SIMD; kernels native: not built/,
    );
  });

  test('instructions that the runtime lacks are refused by name', async () => {
    // Node 20 has relaxed SIMD behind a flag alone, which is not set here.
    const asked = useKernels('wasm', { wasmInstructions: 'relaxed-simd' });
    if (process.version.startsWith('v20.'))
      await expect(asked).rejects.toThrow(
        `kernels wasm: Node ${process.version} has no WebAssembly relaxed-simd`,
      );
    else expect((await asked).reason).toBe('WebAssembly relaxed SIMD');
  });

  test('on another backend auto takes the reference, and others are refused', async () => {
    await tf.setBackend('cpu');
    expect(await useKernels('auto')).toEqual({
      kernels: 'reference',
      reason: 'compiled kernels work with the backend wasm, not cpu',
    });
    await expect(useKernels('wasm')).rejects.toThrow(
      'kernels wasm: compiled kernels work with the backend wasm, not cpu',
    );
    const { y } = errors(computed(small, problemOf(small)), expected(small, problemOf(small)));
    expect(y).toBeLessThan(1e-5);
  });

  test('a backend changed after the choice is noticed', async () => {
    await useKernels('wasm');
    await tf.setBackend('cpu');
    expect(() => computed(small, problemOf(small))).toThrow('call useKernels again');
  });
});

describe('kernels - shapes', () => {
  const zeros = (shape: number[]): tf.Tensor => tf.zeros(shape);
  const sound = { x: [2, 3, 4, 5], kernel: [2, 5, 24], recurrentKernel: [2, 6, 24], bias: [2, 24] };
  test.each([
    [{ x: [3, 4, 5] }, 'lstm: x must be [K, T, B, I]; it is [3, 4, 5]'],
    [{ x: [3, 3, 4, 5] }, 'lstm: x must hold 1 model or as many as recurrentKernel (2); it holds 3'],
    [{ x: [2, 0, 4, 5] }, 'lstm: steps must be at least 1; it is 0'],
    [{ kernel: [2, 5, 18] }, 'lstm: kernel must be [2, 5, 24]; it is [2, 5, 18]'],
    [{ recurrentKernel: [2, 6, 23] }, 'lstm: recurrentKernel must be [2, 6, 24]; it is [2, 6, 23]'],
    [{ bias: [2, 2, 24] }, 'lstm: bias must be [2, 24]; it is [2, 2, 24]'],
  ])('shapes that do not fit are named: %j', async (change, message) => {
    await useKernels('auto');
    const { x, kernel, recurrentKernel, bias } = { ...sound, ...change };
    const run = (): unknown =>
      lstm(
        zeros(x) as tf.Tensor4D,
        zeros(kernel) as tf.Tensor3D,
        zeros(recurrentKernel) as tf.Tensor3D,
        zeros(bias) as tf.Tensor2D,
        { returnSequences: false },
      );
    expect(() => tf.tidy(() => run() as tf.Tensor)).toThrow(message);
  });
});
