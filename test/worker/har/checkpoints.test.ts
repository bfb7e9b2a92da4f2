import { deserialize, serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import har from '../../../src/worker/trainables/har.js';
import { decodeState, encodeState } from '../../../src/worker/training/member-state.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { member, trainingContext, type TestMember } from './training-context.js';

const quick = { dataset: 'synthetic-har', nhidden: 4, lr: 0.01, batchSize: 60, passes: 2 };

/** A member that saves after every pass. */
function saving(number: number, parameters: Parameters<typeof member>[2]): TestMember {
  const one = member(number, 20 + number, parameters);
  return { ...one, outcome: { ...one.outcome, checkpoints: [] } };
}

/** The same trial again, from its checkpoint of this pass. */
function resumed(of: TestMember, parameters: Parameters<typeof member>[2], pass: number): TestMember {
  const checkpoint = of.outcome.checkpoints?.find(({ step }) => step === pass);
  if (!checkpoint) throw new Error(`no checkpoint after pass ${pass}`);
  return { ...member(of.number, of.seed, parameters), checkpoint };
}

const timeless = (one: TestMember): unknown => {
  const without = (metrics: Record<string, number>): unknown =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => name !== 'time' && name !== 'peakMemory'));
  const { reports, completed } = one.outcome;
  return {
    reports: reports.map(({ step, metrics }) => ({ step, metrics: without(metrics) })),
    completed: completed && { ...completed, metrics: without(completed.metrics) },
  };
};

describe('har - checkpoints', () => {
  test.each([
    ['gru-two-stage', { optimizer: 'rmsprop' }],
    ['gru-two-stage', { optimizer: 'adam', shuffle: false }],
    ['lstm-stacked', { optimizer: 'adam', batchSize: 400, passes: 5, l2: 0.0015, patience: 4 }],
    ['lstm-dropout', { passes: 5, batchSize: 400 }],
    ['conv-lstm', { passes: 5, batchSize: 400 }],
    ['conv-lstm', { passes: 5, batchSize: 400, filters: 4, denseUnits: 4, shuffleBuffer: 100 }],
  ])('%s with %j: a resumed trial equals the undisturbed one exactly', async (architecture, more) => {
    const parameters = { ...quick, architecture, ...more };
    const undisturbed = saving(0, parameters);
    await har.train({ members: [undisturbed] }, trainingContext());
    const passes = undisturbed.outcome.reports.length;
    expect(undisturbed.outcome.checkpoints?.map(({ step }) => step)).toEqual(
      Array.from({ length: passes - 1 }, (_, i) => i + 1),
    );
    for (const pass of [1, passes - 2]) {
      const again = resumed(undisturbed, parameters, pass);
      await har.train({ members: [again] }, trainingContext());
      const wanted = timeless(undisturbed) as { reports: unknown[] };
      expect(timeless(again)).toEqual({ ...wanted, reports: wanted.reports.slice(pass) });
      const time = (one: TestMember): number => one.outcome.reports[0]!.metrics['time']!;
      expect(time(again)).toBeGreaterThan(time(undisturbed));
    }
    expect(tf.memory().numTensors).toBe(0);
  });

  test('members of a pack save their own; they go on in another pack, also after different passes', async () => {
    const parameters = [0.002, 0.005, 0.01].map((lr) => ({ ...quick, optimizer: 'adam', lr }));
    const packed = parameters.map((one, number) => saving(number, one));
    await har.train({ members: packed }, trainingContext());
    const again = [
      resumed(packed[0]!, parameters[0]!, 3),
      resumed(packed[1]!, parameters[1]!, 1),
      resumed(packed[2]!, parameters[2]!, 3),
    ];
    await har.train({ members: again }, trainingContext());
    again.forEach((one, number) => {
      const wanted = packed[number]!.outcome.completed!.metrics;
      const found = one.outcome.completed!.metrics;
      expect(found['validationLoss']! / wanted['validationLoss']!).toBeCloseTo(1, 4);
      expect(one.outcome.reports.map(({ step }) => step)).toEqual(
        [1, 2, 3, 4, 5, 6].filter((step) => step > one.checkpoint!.step),
      );
    });
    expect(tf.memory().numTensors).toBe(0);
  });

  test('one that can not be used lets its trial begin anew, and says so; the others go on', async () => {
    const other = saving(0, { ...quick, nhidden: 5 });
    await har.train({ members: [other] }, trainingContext());
    const good = saving(1, quick);
    await har.train({ members: [good] }, trainingContext());
    const sound = good.outcome.checkpoints!.find(({ step }) => step === 3)!;
    const broken: [Uint8Array, RegExp][] = [
      [
        other.outcome.checkpoints![2]!.state,
        /it is of another model: inputKernel has 45 values there, 36 here$/,
      ],
      [Uint8Array.of(1, 2, 3, 4), /it is damaged, or another release of Sweepyard or Node has written it$/],
      [sound.state.with(1, 99), /it is damaged/],
      [sound.state.subarray(0, sound.state.length / 2), /it is damaged/],
      [
        serialize({ ...(deserialize(sound.state) as object), format: 1 }),
        /it is damaged, or another release/,
      ],
      [serialize(undefined), /it is damaged/],
      [
        encodeState({ ...decodeState(sound.state)!, weights: {} }),
        /it is of another model: inputKernel has no values there, 36 here$/,
      ],
    ];
    const bad = broken.map(([state], index) => ({
      ...member(2 + index, 20 + 2 + index, quick),
      checkpoint: { step: 3, state },
    }));
    const again = resumed(good, quick, 3);
    const log: string[] = [];
    const context = { ...trainingContext(), log: (line: string) => void log.push(line) };
    await har.train({ members: [again, ...bad] }, context);
    expect(log).toHaveLength(broken.length);
    broken.forEach(([, why], index) => {
      expect(log[index]).toMatch(why);
      expect(log[index]).toContain(`trial ${2 + index} begins anew, for its checkpoint can't be used: `);
      expect(bad[index]!.outcome.reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    });
    expect(again.outcome.reports.map(({ step }) => step)).toEqual([4, 5, 6]);
    for (const one of [again, ...bad]) expect(one.outcome.completed).toBeDefined();
    expect(tf.memory().numTensors).toBe(0);
  });
});
