import type { TrainingData } from '../../src/worker/datasets/training-data.js';
import type { Architecture } from '../../src/worker/training/architecture.js';
import { gruTwoStage } from '../../src/worker/training/architectures/gru-two-stage.js';
import { lstmStacked } from '../../src/worker/training/architectures/lstm-stacked.js';

/** One published model (reference: docs/har.md), as it is trained: `trainPack` on data of its shape. */
export interface Workload {
  readonly what: string;
  readonly channels: number;
  readonly batch: number;
  readonly optimizer: 'adam' | 'rmsprop';
  readonly shuffle: boolean;
  readonly l2: number;
  architecture(): Architecture;
}

/** More passes than any measurement lasts. */
const passes = 1_000_000;

export const workloads = {
  lstm: {
    what: 'LSTM model 2 (9 signals, dense 32, LSTM(32) twice)',
    channels: 9,
    batch: 1500,
    optimizer: 'adam',
    shuffle: false,
    l2: 0.0015,
    architecture: () =>
      lstmStacked({ inputs: 9, units: 32, layers: 2, passes, inputActivation: 'linear', outputMean: 0 }),
  },
  gru: {
    what: 'GRU model 1 (3 signals, dense 16 relu, GRU(16))',
    channels: 3,
    batch: 800,
    optimizer: 'rmsprop',
    shuffle: true,
    l2: 0,
    architecture: () => gruTwoStage({ inputs: 3, units: 16, passes }),
  },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof workloads;

/** Windows of UCI HAR's train set, steps of a window. */
export const [windows, steps] = [7352, 128] as const;

/** Numbers where the data would be; speed does not depend on which. Shared between threads like the real ones. */
export function dataFor(channels: number, values: Float32Array): TrainingData {
  const examples = (count: number): TrainingData['train'] => ({
    count,
    values: values.subarray(0, steps * count * channels),
    labels: Uint8Array.from({ length: count }, (_, index) => index % 6),
  });
  return {
    name: 'random',
    steps,
    channels,
    classes: ['a', 'b', 'c', 'd', 'e', 'f'],
    train: examples(windows),
    selection: examples(1),
    test: examples(1),
  };
}
