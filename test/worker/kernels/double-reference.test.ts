import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases, problemOf } from './cases.js';
import type { Values } from './double-reference.js';
import { doubleLayer } from './double-reference.js';

test('kernels - the double-precision reference has the gradients that finite differences show', () => {
  const layers = cases({ units: 3, inputs: 3, batch: 2, steps: 4 });
  fc.assert(
    fc.property(layers, (layer) => {
      const { models, dy } = problemOf(layer);
      const values = models[0]!;
      const gradients = doubleLayer(layer, values, dy[0]);
      const loss = (at: Values): number =>
        doubleLayer(layer, at).y.reduce((sum, y, i) => sum + y * dy[0]![i]!, 0);
      for (const name of ['x', 'kernel', 'recurrentKernel', 'bias'] as const)
        values[name].forEach((value, i) => {
          const moved = (by: number): number => {
            const copy = values[name].slice();
            copy[i] = value + by;
            return loss({ ...values, [name]: copy });
          };
          const slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
          expect(Math.abs(gradients[name][i]! - slope)).toBeLessThan(1e-6);
        });
    }),
    { numRuns: 30, seed: 1 },
  );
});
