import { rotateToCanonicalFrame } from './rotation.js';
import { splitBySubject } from './split.js';
import type { SignalName } from '../../sweep/har/parameters.js';
import type { LabelledWindows, WindowDataset } from './window-dataset.js';
import { axes } from './window-dataset.js';

/** Windows as the training engine reads them. */
export interface Examples {
  readonly count: number;
  /** [steps, count, channels], row-major: time first, as recurrent kernels want it. On a SharedArrayBuffer. */
  readonly values: Float32Array;
  /** [count] */
  readonly labels: Uint8Array;
}

/** A data set, cut to what one configuration trains on. Plain data on SharedArrayBuffers. */
export interface TrainingData {
  readonly name: string;
  readonly steps: number;
  readonly channels: number;
  readonly classes: readonly string[];
  readonly train: Examples;
  /** What configurations are compared by: held-out people of the train set, or the test set itself. */
  readonly selection: Examples;
  readonly test: Examples;
  /** Of other people than those of the train set, where the test set's are the same. */
  readonly other?: Examples;
}

export interface PreparationOptions {
  readonly signals: readonly SignalName[];
  /** `gravity`: each signal of each window is turned into its canonical frame, see rotation.ts. */
  readonly alignment: 'gravity' | 'none';
  /** `validation` takes whole people out of the train set; `test` leaves it whole and selects on the test set. */
  readonly selectOn: 'validation' | 'test';
  /** Which people are held out. */
  readonly splitSeed: number;
}

/** Share of the train set's windows that is held out, about. */
const validationShare = 0.2;

/** Chooses channels, aligns, splits. Takes about a second for UCI HAR with alignment, less without. */
export function prepareTrainingData(dataset: WindowDataset, options: PreparationOptions): TrainingData {
  const { train, test, classes } = dataset;
  const everyRow = (windows: LabelledWindows): Int32Array =>
    Int32Array.from({ length: windows.count }, (_, i) => i);
  const cut = (windows: LabelledWindows, rows: Int32Array): Examples =>
    examplesOf(dataset, windows, rows, options);
  const testExamples = cut(test, everyRow(test));
  const common = {
    name: dataset.name,
    steps: dataset.steps,
    channels: 3 * options.signals.length,
    classes,
    test: testExamples,
  };
  if (options.selectOn === 'test')
    return { ...common, train: cut(train, everyRow(train)), selection: testExamples };
  const split = splitBySubject(train, classes.length, validationShare, options.splitSeed);
  return { ...common, train: cut(train, split.train), selection: cut(train, split.validation) };
}

function examplesOf(
  dataset: WindowDataset,
  windows: LabelledWindows,
  rows: Int32Array,
  { signals, alignment }: PreparationOptions,
): Examples {
  const { steps, channels } = dataset;
  const width = 3 * signals.length;
  const count = rows.length;
  const values = new Float32Array(new SharedArrayBuffer(4 * steps * count * width));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  const columns = signals.map((signal) => axes.map((axis) => columnOf(dataset, `${signal}_${axis}`)));
  const window = new Float64Array(3 * steps);
  rows.forEach((row, index) => {
    labels[index] = windows.labels[row]!;
    const start = row * steps * channels.length;
    columns.forEach((triple, signal) => {
      for (let step = 0; step < steps; step++)
        for (let axis = 0; axis < 3; axis++)
          window[3 * step + axis] = windows.values[start + step * channels.length + triple[axis]!]!;
      if (alignment === 'gravity') rotateToCanonicalFrame(window);
      for (let step = 0; step < steps; step++) {
        const to = (step * count + index) * width + 3 * signal;
        values[to] = window[3 * step]!;
        values[to + 1] = window[3 * step + 1]!;
        values[to + 2] = window[3 * step + 2]!;
      }
    });
  });
  return { count, values, labels };
}

function columnOf(dataset: WindowDataset, channel: string): number {
  const column = dataset.channels.indexOf(channel);
  if (column < 0)
    throw new Error(
      `data set ${dataset.name} has no channel ${channel}; it has ${dataset.channels.join(', ')}`,
    );
  return column;
}
