import { createRandom, type Random } from '../../sweep/random.js';
import { TrialError } from '../trainables/trainable.js';
import { shuffled } from './split.js';
import type { Examples, TrainingData } from './training-data.js';
import { wearableChannels, wearableClasses, type Stream, type WearableStreams } from './wearable-stream.js';

export interface StreamCut {
  /** Rows of a window. */
  readonly windowSteps: number;
  /** Windows that are drawn of each recording. */
  readonly windows: number;
  /**
   * `test` as published: windows of all of recording a, the last tenth of them to test and to select on; they overlap
   * those that are trained on. `validation` holds out whole bouts (stretches of one label) of recording a, some to
   * select on and others to test on.
   */
  readonly selectOn: 'validation' | 'test';
  /** Which bouts are held out. */
  readonly splitSeed: number;
}

/** As published. */
const seeds = { a: 1337, b: 101 } as const;
const trainShare = 0.9;
/** Of the bouts of each label, for validation and again for the test. */
const heldOutShare = 0.2;

/** A stretch of rows of one label. */
interface Bout {
  readonly label: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Random windows whose rows have one and the same label. Those of recording a are trained and tested on, those of
 * recording b, of other people, are `other`.
 */
export function cutStreams(streams: WearableStreams, cut: StreamCut): TrainingData {
  const [a, b] = [boutsOf(streams.a), boutsOf(streams.b)];
  const trainCount = Math.floor(trainShare * cut.windows);
  const draw = (stream: Stream, bouts: readonly Bout[], count: number, random: Random): Examples =>
    windowsAt(stream, drawStarts(bouts, count, cut.windowSteps, random), cut.windowSteps);
  const common = {
    name: 'wearable-stream',
    steps: cut.windowSteps,
    channels: wearableChannels,
    classes: wearableClasses,
    other: draw(streams.b, b, cut.windows, createRandom(seeds.b)),
  };
  const random = createRandom(seeds.a);
  if (cut.selectOn === 'test') {
    const starts = drawStarts(a, cut.windows, cut.windowSteps, random);
    const test = windowsAt(streams.a, starts.slice(trainCount), cut.windowSteps);
    const train = windowsAt(streams.a, starts.slice(0, trainCount), cut.windowSteps);
    return { ...common, train, selection: test, test };
  }
  const parts = splitBouts(a, cut.splitSeed);
  const rest = cut.windows - trainCount;
  return {
    ...common,
    train: draw(streams.a, parts.train, trainCount, random),
    selection: draw(streams.a, parts.validation, rest, random),
    test: draw(streams.a, parts.test, rest, random),
  };
}

/** The stretches of one label; rows without a label belong to none. */
export function boutsOf({ labels, count }: Stream): Bout[] {
  const bouts: Bout[] = [];
  let start = 0;
  for (let row = 1; row <= count; row++) {
    if (row < count && labels[row] === labels[start]) continue;
    if (labels[start]! >= 0) bouts.push({ label: labels[start]!, start, length: row - start });
    start = row;
  }
  return bouts;
}

function splitBouts(bouts: readonly Bout[], seed: number): Record<'train' | 'validation' | 'test', Bout[]> {
  const parts: Record<'train' | 'validation' | 'test', Bout[]> = { train: [], validation: [], test: [] };
  wearableClasses.forEach((_, label) => {
    const own = shuffled(
      bouts.filter((bout) => bout.label === label),
      seed,
    );
    const heldOut = Math.max(1, Math.round(heldOutShare * own.length));
    parts.validation.push(...own.slice(0, heldOut));
    parts.test.push(...own.slice(heldOut, 2 * heldOut));
    parts.train.push(...own.slice(2 * heldOut));
  });
  return parts;
}

/** Where windows begin: any row is as likely as any other from which a whole window has one label. */
function drawStarts(bouts: readonly Bout[], count: number, steps: number, random: Random): Int32Array {
  const long = bouts.filter((bout) => bout.length >= steps);
  const starts = long.flatMap(({ start, length }) =>
    Array.from({ length: length - steps + 1 }, (_, offset) => start + offset),
  );
  if (starts.length === 0)
    throw new TrialError(
      `windowSteps ${steps} is more than the longest stretch of one label; the longest has ${Math.max(0, ...bouts.map(({ length }) => length))} rows`,
    );
  return Int32Array.from({ length: count }, () => starts[random.below(starts.length)]!);
}

function windowsAt({ values, labels }: Stream, starts: Int32Array, steps: number): Examples {
  const count = starts.length;
  const windows = new Float32Array(new SharedArrayBuffer(4 * steps * count * wearableChannels));
  const classes = new Uint8Array(new SharedArrayBuffer(count));
  starts.forEach((start, index) => {
    classes[index] = labels[start]!;
    for (let step = 0; step < steps; step++)
      for (let channel = 0; channel < wearableChannels; channel++)
        windows[(step * count + index) * wearableChannels + channel] =
          values[(start + step) * wearableChannels + channel]!;
  });
  return { count, values: windows, labels: classes };
}
