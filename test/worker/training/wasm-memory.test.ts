import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf } from '../../../src/worker/threads/failure-of.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import * as tf from '../../../src/worker/training/tfjs.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

describe('memory of the wasm backend', () => {
  test('what it has no room for is a failure of class memory, and what was there is as it was', async () => {
    const kept = tf.range(0, 1000);
    const before = tf.memory().numTensors;
    const { wasm } = tf.backend() as unknown as {
      readonly wasm: { _malloc(bytes: number): number; _free(offset: number): void };
    };
    const taken = wasm._malloc(1.9 * 2 ** 30);
    let thrown: unknown;
    try {
      tf.tidy(() => [1, 2].map((value) => tf.fill([2 ** 26], value)));
    } catch (error) {
      thrown = error;
    }
    wasm._free(taken);
    expect(failureOf(thrown)).toMatchObject({
      class: 'memory',
      message: expect.stringMatching(/has no room for \d+ MiB more/) as unknown,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect([...(await tf.square(kept).data())]).toEqual(Array.from({ length: 1000 }, (_, i) => i * i));
  });

  test('a module that has aborted is a failure of class memory', () => {
    const aborted = new Error('Aborted(). Build with -sASSERTIONS for more info.');
    aborted.name = 'RuntimeError';
    expect(failureOf(aborted).class).toBe('memory');
  });
});
