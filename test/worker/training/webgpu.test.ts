import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { webgpuBackend } from '../../../src/worker/training/backends/webgpu.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import type { Case, Outcome, Problem } from '../kernels/cases.js';
import { apply, cases, cells, errors, expected, problemOf, tensorsOf } from '../kernels/cases.js';

// Without a GPU, SwiftShader as it comes with Debian's Chromium computes: slowly, and the same.
const software = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(software)) process.env['VK_ICD_FILENAMES'] ??= software;
process.env['SWEEPYARD_SOFTWARE_GPU'] = '1';

// An adapter is there or not: only opening it tells.
const problem = webgpuBackend.find?.().found
  ? await openBackend({ backend: 'webgpu', kernels: 'auto' }).then(
      () => undefined,
      (error: unknown) => String(error),
    )
  : 'the packages of WebGPU are not installed (npm run build:webgpu)';
if (problem) console.warn(`skipped: WebGPU: ${problem}`);

/** What the kernels in use say; WebGPU gives its numbers only later. */
async function computed(layer: Case, { models, dy }: Problem): Promise<Outcome> {
  const [x, ...weights] = tensorsOf(layer, { models, dy });
  const outward = tf.tensor1d(dy.flatMap((part) => [...part]));
  const run = (...args: tf.Tensor[]): tf.Tensor => apply(layer, args as Parameters<typeof apply>[1]);
  const loss = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.reshape(y, [-1]), outward));
  const wanted = layer.inputGradient ? [x, ...weights] : weights;
  const gradients = tf.grads((...args) => loss(layer.inputGradient ? run(...args) : run(x, ...args)))(wanted);
  const y = run(x, ...weights);
  const values = await Promise.all([y, ...gradients].map((tensor) => tensor.data()));
  tf.dispose([x, ...weights, outward, y, ...gradients]);
  const names = ['y', ...(layer.inputGradient ? ['x'] : []), 'kernel', 'recurrentKernel', 'bias'];
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as unknown as Outcome;
}

async function check(layer: Case): Promise<void> {
  const numbers = problemOf(layer);
  const wanted = expected(layer, numbers);
  for (const [name, error] of Object.entries(errors(await computed(layer, numbers), wanted)))
    expect(error, `${name} of ${JSON.stringify(layer)}`).toBeLessThan(1e-4);
}

describe.skipIf(problem)('webgpu - kernels', () => {
  beforeAll(async () => {
    const { device } = await openBackend({ backend: 'webgpu', kernels: 'auto' });
    expect(device).toContain('webgpu kernels (WGSL)');
  });

  test('the shaders equal double precision over random shapes, values and gradients', async () => {
    const limits = { units: 20, inputs: 6, batch: 20, steps: 5 };
    await fc.assert(fc.asyncProperty(cases(limits), check), { numRuns: 25, seed: 2 });
  }, 120_000);

  test.each(cells)('a layer with more units than a workgroup has threads: %s', async (cell) => {
    const shape = { models: 1, steps: 3, batch: 5, inputs: 3, units: 300, sharedInput: false };
    await check({ ...shape, cell, relu: false, returnSequences: true, inputGradient: true, seed: 3 });
  });

  test('nothing is left behind', async () => {
    const layer = { models: 2, steps: 3, batch: 4, inputs: 3, units: 5, sharedInput: true, seed: 4 };
    const run = (): Promise<void> =>
      check({ ...layer, cell: 'lstm', relu: false, returnSequences: false, inputGradient: true });
    await run();
    const before = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(before);
  });
});
