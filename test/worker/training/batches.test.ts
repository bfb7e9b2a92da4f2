import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/sweep/random.js';
import {
  gatherBatch,
  gatherLabels,
  sequentialOrder,
  shuffledOrder,
} from '../../../src/worker/training/batches.js';

describe('batches - orders', () => {
  test('shuffled: whole batches only, no row twice in a pass, another order in the next', () => {
    const order = shuffledOrder(103, 20, createRandom(1));
    expect([0, 1, 2, 5, 6].map((pass) => order.stepsOf(pass))).toEqual([5, 5, 5, 5, 6]);
    const passes = [0, 1].map(() => Array.from({ length: 5 }, () => [...order.next()]).flat());
    for (const rows of passes) {
      expect(new Set(rows).size).toBe(100);
      expect(rows.every((row) => row >= 0 && row < 103)).toBe(true);
    }
    expect(passes[0]).not.toEqual(passes[1]);
  });

  test('shuffled: follows from the random numbers alone', () => {
    const [a, b] = [shuffledOrder(50, 10, createRandom(4)), shuffledOrder(50, 10, createRandom(4))];
    for (let step = 0; step < 12; step++) expect([...a.next()]).toEqual([...b.next()]);
  });

  test('shuffled: passes have as many rows as the train set, however large the batches are', () => {
    const order = shuffledOrder(7352, 2000, createRandom(1));
    const steps = Array.from({ length: 200 }, (_, pass) => order.stepsOf(pass));
    expect(steps.reduce((a, b) => a + b, 0)).toBe(Math.floor((200 * 7352) / 2000));
    expect(shuffledOrder(103, 20, createRandom(1), { partialBatch: true }).stepsOf(6)).toBe(6);
  });

  describe('shuffled out of a buffer', () => {
    const [count, buffer] = [97, 10];
    const passesOf = (seed: number, size = buffer): number[][] => {
      const options = { partialBatch: true, buffer: size };
      const order = shuffledOrder(count, 20, createRandom(seed), options);
      return [0, 1, 2].map((pass) =>
        Array.from({ length: order.stepsOf(pass) }, () => [...order.next()]).flat(),
      );
    };

    test('every pass has each row once, in another order', () => {
      const inOrder = Array.from({ length: count }, (_, row) => row);
      const passes = passesOf(1);
      for (const rows of passes) expect(rows.toSorted((a, b) => a - b)).toEqual(inOrder);
      expect(new Set(passes.map(String)).size).toBe(3);
    });

    test('no row comes as many places early as the buffer has, and late ones may be very late', () => {
      const early = passesOf(2).flatMap((rows) => rows.map((row, place) => row - place));
      expect(Math.max(...early)).toBe(buffer - 1);
      expect(Math.min(...early)).toBeLessThan(-buffer);
    });

    test('follows from the random numbers alone', () => {
      expect(passesOf(3)).toEqual(passesOf(3));
      expect(passesOf(3)).not.toEqual(passesOf(4));
    });

    test('one as large as the train set is a shuffle of all', () => {
      const whole = shuffledOrder(count, count, createRandom(5));
      expect(passesOf(5, count)[0]).toEqual([...whole.next()]);
    });
  });

  test('shuffled once: goes round in one random order, and every row comes equally often', () => {
    const order = sequentialOrder(7, 3, createRandom(2));
    const rows = Array.from({ length: 7 }, () => [...order.next()]).flat();
    const round = rows.slice(0, 7);
    expect([...round].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(round).not.toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rows).toEqual([...round, ...round, ...round]);
  });

  test('sequential: goes round, and every row comes equally often', () => {
    const order = sequentialOrder(7, 3);
    const steps = [0, 1, 2].map((pass) => order.stepsOf(pass));
    expect(steps).toEqual([2, 2, 3]);
    const rows = Array.from({ length: 7 }, () => [...order.next()]);
    expect(rows.slice(0, 3)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 0, 1],
    ]);
    const counts = new Array<number>(7).fill(0);
    for (const row of rows.flat()) counts[row]! += 1;
    expect(counts).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });
});

describe('batches - gathering', () => {
  test.each([3, 4, 6, 9])('%i channels: the values of the rows, time first', (channels) => {
    const [steps, count] = [4, 5];
    const values = Float32Array.from({ length: steps * count * channels }, (_, i) => i);
    const examples = { count, values, labels: Uint8Array.of(0, 1, 2, 1, 0) };
    const rows = Int32Array.of(3, 0, 3);
    const batch = new Float32Array(steps * rows.length * channels);
    gatherBatch(examples, rows, steps, channels, batch);
    for (let step = 0; step < steps; step++)
      rows.forEach((row, index) => {
        for (let channel = 0; channel < channels; channel++)
          expect(batch[(step * rows.length + index) * channels + channel]).toBe(
            (step * count + row) * channels + channel,
          );
      });
  });

  test('labels one-hot, merged by relabelling', () => {
    const examples = { count: 3, values: new Float32Array(), labels: Uint8Array.of(0, 1, 2) };
    const to = new Float32Array(9).fill(9);
    gatherLabels(examples, Int32Array.of(2, 0, 1), [0, 1, 1], to);
    expect([...to]).toEqual([0, 1, 0, 1, 0, 0, 0, 1, 0]);
  });
});
