import { signalNames } from '../../sweep/har/parameters.js';

/** Windows of sensor readings with their labels, in the order of the recording. */
export interface LabelledWindows {
  readonly count: number;
  /** [count, steps, channels], row-major. On a SharedArrayBuffer where threads share it. */
  readonly values: Float32Array;
  /** [count], index of the class. */
  readonly labels: Uint8Array;
  /** [count], number of the person, from 1. */
  readonly subjects: Uint8Array;
}

/** A data set for classification of windows, as it was published (or generated). */
export interface WindowDataset {
  readonly name: string;
  /** One sentence for people: what it is, and whether it was measured or generated. */
  readonly description: string;
  /** Length of a window. */
  readonly steps: number;
  /** What is measured at every step, e.g. `total_acc_x`. */
  readonly channels: readonly string[];
  readonly classes: readonly string[];
  readonly train: LabelledWindows;
  readonly test: LabelledWindows;
}

export const axes = ['x', 'y', 'z'] as const;

/** The nine channels of the HAR data sets: body_acc_x, body_acc_y, ... total_acc_z. */
export const harChannels: readonly string[] = signalNames.flatMap((signal) =>
  axes.map((axis) => `${signal}_${axis}`),
);

/** As in `activity_labels.txt`. */
export const harClasses: readonly string[] = [
  'WALKING',
  'WALKING_UPSTAIRS',
  'WALKING_DOWNSTAIRS',
  'SITTING',
  'STANDING',
  'LAYING',
];

export const harSteps = 128;

/** Memory for windows that all threads of a process can read. */
export function sharedWindows(count: number, steps: number, channels: number): LabelledWindows {
  return {
    count,
    values: new Float32Array(new SharedArrayBuffer(4 * count * steps * channels)),
    labels: new Uint8Array(new SharedArrayBuffer(count)),
    subjects: new Uint8Array(new SharedArrayBuffer(count)),
  };
}

/** How many windows each class has. */
export function classCounts(windows: LabelledWindows, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of windows.labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
