import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { tensorflowBackend } from '../../../src/worker/training/backends/tensorflow.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import type { Case } from '../kernels/cases.js';
import { cases, computed, errors, expected, problemOf } from '../kernels/cases.js';

const found = tensorflowBackend.find?.().found ?? false;
if (!found) console.warn('skipped: TensorFlow is not installed (npm run build:tensorflow)');

function check(layer: Case): void {
  const problem = problemOf(layer);
  for (const [name, error] of Object.entries(errors(computed(layer, problem), expected(layer, problem))))
    expect(error, `${name} of ${JSON.stringify(layer)}`).toBeLessThan(1e-4);
}

describe.skipIf(!found)('tensorflow - backend', () => {
  beforeAll(async () => {
    const backend = await openBackend({ backend: 'tensorflow', kernels: 'auto' });
    expect(backend.device).toMatch(/^TensorFlow on (CPU|GPU) \(@tensorflow\/tfjs-node/);
    expect(tf.getBackend()).toBe('tensorflow');
  }, 60_000);

  test('its recurrent layers equal double precision over random shapes, values and gradients', () => {
    const limits = { units: 24, inputs: 12, batch: 20, steps: 6 };
    fc.assert(fc.property(cases(limits), check), { numRuns: 60, seed: 2 });
  }, 60_000);

  test('a layer leaves no tensors behind, and the meter sees what it held', async () => {
    const backend = await openBackend({ backend: 'tensorflow', kernels: 'auto' });
    const layer = { models: 2, steps: 5, batch: 4, inputs: 3, units: 8, sharedInput: true, seed: 4 };
    const run = (): void =>
      check({ ...layer, cell: 'lstm', relu: false, returnSequences: true, inputGradient: true });
    run();
    const before = tf.memory();
    backend.resetPeak();
    run();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(backend.peakBytes()).toBeGreaterThan(before.numBytes + 2 * 5 * 4 * 8 * 4);
  });

  test('kernels that work in the memory of another backend are refused by name', async () => {
    await expect(openBackend({ backend: 'tensorflow', kernels: 'native' })).rejects.toThrow(
      'kernels native: compiled kernels work with the backend wasm, not tensorflow',
    );
  });
});
