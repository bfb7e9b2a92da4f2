import { expect, test } from 'vitest';
import { trainShortTrials } from '../../../bench/training/short-trials.js';

// `npm run bench -- training-memory` does it over 1,000 trials.
test('training - seventy trials more in one thread leave no tensor and no memory behind', async () => {
  const [before, after] = await trainShortTrials([40, 110]);
  expect(after!.tensors).toBe(before!.tensors);
  expect(after!.wasmBytes).toBe(before!.wasmBytes);
  expect(after!.residentBytes - before!.residentBytes).toBeLessThan(48 * 2 ** 20);
}, 120_000);
