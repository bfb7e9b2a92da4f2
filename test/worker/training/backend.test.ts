import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test, vi } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { selfTest, selfTestValues } from '../../../src/worker/training/backends/self-test.js';
import { Optimizer } from '../../../src/worker/training/optimizers.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { reference } from './reference.js';

const exceptionListeners = process.listenerCount('uncaughtException');
const rejectionListeners = process.listenerCount('unhandledRejection');

describe('training backends - choice', () => {
  test('auto takes wasm, says what computes, and sets it', async () => {
    const backend = await openBackend({ backend: 'auto', kernels: 'auto' });
    expect(backend.name).toBe('wasm');
    expect(backend.device).toMatch(/^WebAssembly with SIMD, (native|wasm) kernels/);
    expect(tf.getBackend()).toBe('wasm');
  });

  test('an unknown name is refused as a mistake of the setting', async () => {
    await expect(openBackend({ backend: 'wsam', kernels: 'auto' })).rejects.toMatchObject({
      name: 'SetupError',
      message: 'backend wsam: there is no such backend; --backend takes auto, tensorflow, webgpu, wasm',
    });
  });

  test('does not listen for uncaught errors of the process', () => {
    expect(process.listenerCount('uncaughtException')).toBe(exceptionListeners);
    expect(process.listenerCount('unhandledRejection')).toBe(rejectionListeners);
  });

  test('the memory meter sees a tensor come and keeps its size when it has gone', async () => {
    const backend = await openBackend({ backend: 'auto', kernels: 'auto' });
    backend.resetPeak();
    const before = backend.peakBytes();
    const x = tf.zeros([1000]);
    tf.square(x).dispose();
    x.dispose();
    expect(backend.peakBytes() - before).toBeGreaterThanOrEqual(8000);
  });
});

describe('training backends - self-test', () => {
  test('compares with the numbers of reference.py', () => {
    expect(selfTestValues).toHaveLength(reference.selfTest.length);
    selfTestValues.forEach((value, i) => expect(value / reference.selfTest[i]!).toBeCloseTo(1, 8));
  });

  test('passes on the backend wasm and leaves no tensors behind', async () => {
    await openBackend({ backend: 'wasm', kernels: 'auto' });
    const tensors = tf.memory().numTensors;
    await selfTest();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('fails where a kernel computes something else', async () => {
    await openBackend({ backend: 'wasm', kernels: 'auto' });
    const { kernelFunc, ...rest } = tf.getKernel('Exp', 'wasm');
    tf.unregisterKernel('Exp', 'wasm');
    tf.registerKernel({
      ...rest,
      kernelName: 'Exp',
      kernelFunc: (args) => tf.getKernel('Sigmoid', 'wasm').kernelFunc(args),
    });
    await expect(selfTest()).rejects.toThrow(
      /self-test: number 0 of a training step is .*; it must be 3\.306/,
    );
    tf.unregisterKernel('Exp', 'wasm');
    tf.registerKernel({ ...rest, kernelName: 'Exp', kernelFunc });
    await selfTest();
  });
});

describe('training backends - the self-test sees a kernel of our own that', () => {
  type Spoil = (values: Float32Array) => void;
  const negates: Spoil = (values) => values.forEach((value, i) => (values[i] = -value));
  const clears: Spoil = (values) => void values.fill(0);
  const reverses: Spoil = (values) => void values.reverse();

  test.each([
    ['negates gradients of recurrent layers', 'SweepyardRecurrentGradient', negates],
    ['mixes up gradients of recurrent layers', 'SweepyardRecurrentGradient', reverses],
    ['gives zeros for a dense layer', 'SweepyardDense', clears],
    ['gives zeros for gradients of a dense layer', 'SweepyardDenseGradient', clears],
    ['negates gradients of a dense layer', 'SweepyardDenseGradient', negates],
    ['negates products', 'BatchMatMul', negates],
  ])('%s', async (_, name, spoil) => {
    await openBackend({ backend: 'wasm', kernels: 'auto' });
    const kernel = tf.getKernel(name, 'wasm');
    const backend = tf.backend() as BackendWasm;
    const spoiled: typeof kernel.kernelFunc = (args) => {
      const made = kernel.kernelFunc(args);
      for (const info of [made].flat()) spoil(backend.typedArrayFromHeap(info) as Float32Array);
      return made;
    };
    const replace = (kernelFunc: typeof kernel.kernelFunc): void => {
      tf.unregisterKernel(name, 'wasm');
      tf.registerKernel({ ...kernel, kernelName: name, kernelFunc });
    };
    replace(spoiled);
    await expect(selfTest()).rejects.toThrow(/^self-test: number \d+ of a training step is /);
    replace(kernel.kernelFunc);
    await selfTest();
  });

  test('takes no step', async () => {
    await openBackend({ backend: 'wasm', kernels: 'auto' });
    const apply = vi.spyOn(Optimizer.prototype, 'apply').mockImplementation(() => undefined);
    await expect(selfTest()).rejects.toThrow(/^self-test: number 15 of a training step is 0;/);
    apply.mockRestore();
  });
});

describe('TensorFlow.js - gradients', () => {
  test('are registered', () => {
    for (const kernel of ['BatchMatMul', 'Add', 'Relu', 'Sigmoid', 'Tanh', 'SplitV', 'Unpack', 'Sum'])
      expect(tf.getGradient(kernel), kernel).toBeDefined();
  });
});
