import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { KernelChoice, KernelOptions } from '../../../src/worker/training/kernels/recurrent.js';
import { useKernels } from '../../../src/worker/training/kernels/recurrent.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import '@tensorflow/tfjs-backend-wasm';
import type { Case, Outcome } from './cases.js';
import { cases, cells, computed, errors, expected, problemOf } from './cases.js';
import type { DenseCase } from './dense-cases.js';
import { computedDense, denseCases, denseProblem, expectedDense } from './dense-cases.js';

/** Of the dense layer. */
function checkDense(layer: DenseCase): void {
  const problem = denseProblem(layer);
  for (const [name, error] of Object.entries(
    errors(computedDense(layer, problem), expectedDense(layer, problem)),
  ))
    expect(error, `${name} of ${JSON.stringify(layer)}`).toBeLessThan(TOLERANCE);
}

const native = new URL('../../../build/native/recurrent.node', import.meta.url);

const TOLERANCE = 1e-4;

/** Each implementation is held to the same cases: what double precision says of them is computed once. */
const known = new Map<string, Outcome>();

function check(layer: Case): void {
  const problem = problemOf(layer);
  const key = JSON.stringify(layer);
  const wanted = known.get(key) ?? expected(layer, problem);
  known.set(key, wanted);
  for (const [name, error] of Object.entries(errors(computed(layer, problem), wanted)))
    expect(error, `${name} of ${key}`).toBeLessThan(TOLERANCE);
}

interface Implementation extends KernelOptions {
  readonly kernels: Exclude<KernelChoice, 'auto'>;
}

// Node 20 has relaxed SIMD behind this flag, later ones always.
if (process.version.startsWith('v20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');

const implementations: readonly Implementation[] = [
  { kernels: 'reference' },
  { kernels: 'wasm', wasmInstructions: 'simd' },
  { kernels: 'wasm', wasmInstructions: 'relaxed-simd' },
  { kernels: 'native', nativeInstructions: 'baseline' },
  { kernels: 'native', nativeInstructions: 'avx2' },
  { kernels: 'native', nativeInstructions: 'avx512' },
];

test('wasm takes relaxed SIMD where the runtime has it', async () => {
  expect(await tf.setBackend('wasm')).toBe(true);
  expect((await useKernels('wasm')).reason).toBe('WebAssembly relaxed SIMD');
});

for (const { kernels, ...options } of implementations) {
  const name = [kernels, ...Object.values(options)].join(' ');

  // Skipped where install found no compiler for the native addon; a test of it where the processor can't.
  describe.skipIf(kernels === 'native' && !existsSync(native))(`kernels - ${name}`, () => {
    beforeEach(async (context) => {
      expect(await tf.setBackend('wasm')).toBe(true);
      try {
        await useKernels(kernels, options);
      } catch (error) {
        context.skip(/this processor has no/.test(String(error)), String(error));
        throw error;
      }
    });

    test(`${name} equals double precision over random shapes, values and gradients`, () => {
      const limits = { units: 40, inputs: 20, batch: 40, steps: 6 };
      const numRuns = kernels === 'reference' ? 25 : 100;
      fc.assert(fc.property(cases(limits), check), { numRuns, seed: 2 });
    });

    test(`${name} dense layer over time equals double precision over random shapes, values and gradients`, () => {
      const limits = { units: 70, inputs: 20, batch: 40, steps: 6 };
      fc.assert(fc.property(denseCases(limits), checkDense), { numRuns: 60, seed: 3 });
    });

    test.each(cells)(`${name} equals double precision in a long, wide layer: %s`, (cell) => {
      const layer = {
        cell,
        relu: false,
        returnSequences: true,
        reverse: false,
        models: 2,
        sharedInput: true,
      };
      check({ ...layer, inputGradient: true, steps: 15, batch: 37, inputs: 9, units: 67, seed: 3 });
    });
  });
}
