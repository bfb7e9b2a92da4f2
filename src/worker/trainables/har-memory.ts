import { formatBytes } from '../../sweep/units.js';
import { inParts, type PackTry } from '../packs/find-pack-size.js';
import type { TrainingData } from '../datasets/training-data.js';
import type { Architecture } from '../training/architecture.js';
import type { TrainingBackend } from '../training/backends/backend.js';
import { measurePackSpeed } from '../training/pack-speed.js';
import { partsOf } from '../training/train-batches.js';
import { countParameters } from '../training/weights.js';
import { constantsGiven, evaluationInterval, type HarParameters } from '../../sweep/har/parameters.js';
import { OutOfMemoryError } from './trainable.js';

/** What a trial's parameters come to on this machine. */
export interface HarSetting {
  readonly parameters: HarParameters;
  readonly architecture: Architecture;
  readonly data: TrainingData;
  readonly backend: TrainingBackend;
}

/** How trials train so that they fit into the memory. */
export interface Fit<Member> {
  /** Who trains together. */
  readonly groups: readonly (readonly Member[])[];
  /** See `TrainingOptions`. */
  readonly windowsAtOnce?: number;
  /** Batches do not fit whole. */
  readonly isSplit: boolean;
  /** In how many parts a batch is trained. */
  readonly batchParts: number;
}

/** Batches of these sizes tell what any other takes. */
const [smallBatch, largerBatch] = [8, 16];
/** Values that are kept for the backward pass, for each unit of a layer at each step: an upper guess. */
const valuesEachUnit = 16;
/** As many go through the network together when it is evaluated, about. */
const evaluatedWindows = 512;
/** Weights, their gradients, and the slots of an optimizer: so many values for each weight, at least. */
const valuesEachWeight = 4;

/**
 * Divides members so that each group fits into the memory that a slot may take, as two small batches let expect. Where
 * a trial alone does not fit, its batches are divided.
 * @throws OutOfMemoryError where a single window does not fit
 */
export async function fitIntoMemory<Member>(
  setting: HarSetting,
  members: readonly Member[],
  memoryBytes: number | undefined,
): Promise<Fit<Member>> {
  const { parameters, architecture, data } = setting;
  const { batchSize } = parameters;
  const whole = { isSplit: false, batchParts: 1 };
  if (memoryBytes === undefined) return { groups: [members], ...whole };
  const weights = 4 * countParameters(architecture.weights);
  if (valuesEachWeight * weights > memoryBytes) throw tooLarge(valuesEachWeight * weights, memoryBytes);
  // Most trials are so small that it need not be measured.
  const values = data.channels + valuesEachUnit * widthOf(parameters, data.channels);
  const windows = Math.max(members.length * batchSize, evaluatedWindows);
  if (4 * windows * data.steps * values + valuesEachWeight * members.length * weights < memoryBytes / 4)
    return { groups: [members], ...whole };
  const small = await measureSteps(setting, 1, smallBatch, 0);
  const larger = await measureSteps(setting, 1, largerBatch, 0);
  const eachWindow = Math.max(
    (larger.bytes - small.bytes) / (largerBatch - smallBatch),
    heldByWindow(parameters, data),
  );
  const bytesOf = (batch: number): number => small.bytes + eachWindow * (batch - smallBatch);
  const windowsIn = (bytes: number): number => Math.floor((bytes - small.bytes) / eachWindow) + smallBatch;
  if (bytesOf(batchSize) <= memoryBytes) {
    const groups = inParts(members, Math.max(1, Math.floor(memoryBytes / bytesOf(batchSize))));
    const largest = Math.max(...groups.map(({ length }) => length));
    return { groups, windowsAtOnce: Math.max(batchSize, windowsIn(memoryBytes / largest)), ...whole };
  }
  // Beside what a step takes there is the sum of the gradients of the parts before.
  const windowsAtOnce = windowsIn(memoryBytes - weights);
  if (windowsAtOnce < 1) throw tooLarge(bytesOf(1) + weights, memoryBytes);
  const batchParts = partsOf(batchSize, windowsAtOnce).length;
  return { groups: inParts(members, 1), windowsAtOnce, isSplit: true, batchParts };
}

/** Values at a step, of all layers together, at most: see har-architecture.ts for the layers. */
function widthOf(
  { architecture, nhidden, nhidden2, layers, bidirectional, filters, kernelSize, denseUnits }: HarParameters,
  channels: number,
): number {
  switch (architecture) {
    case 'gru-two-stage':
      return 2 * nhidden;
    case 'lstm-stacked':
      return nhidden * (1 + layers * (bidirectional ? 2 : 1));
    case 'conv-lstm':
      return filters + kernelSize * channels + layers * nhidden + 2 * denseUnits;
    case 'lstm-dropout':
      return nhidden + (layers - 1) * nhidden2;
  }
}

/**
 * Bytes of a window that are surely held at once: the data, and the widest layer's output at every step with its gradient.
 * Small batches of a wide network do not show them, for there the optimizer's work on the weights takes the most.
 */
function heldByWindow(parameters: HarParameters, { steps, channels }: TrainingData): number {
  return 4 * steps * (channels + 2 * widestSequence(parameters));
}

/** Of the layers whose output at every step is wanted: of the last LSTM it is that of the last step. */
function widestSequence({ architecture, nhidden, layers, filters }: HarParameters): number {
  const between = layers > 1 ? nhidden : 0;
  switch (architecture) {
    case 'gru-two-stage':
    case 'lstm-stacked':
      return nhidden;
    case 'conv-lstm':
      return Math.max(filters, between);
    case 'lstm-dropout':
      return between;
  }
}

function tooLarge(bytes: number, memoryBytes: number): OutOfMemoryError {
  return new OutOfMemoryError(
    'a step on a single window would take ' +
      `${formatBytes(Math.round(bytes))} of tensors, ${formatBytes(Math.floor(memoryBytes))} may be taken: ` +
      'a smaller nhidden or fewer layers fit',
  );
}

/** Trains so many models of this setting together for so many milliseconds, on batches of this size. */
export function measureSteps(
  { parameters, architecture, data, backend }: HarSetting,
  models: number,
  batchSize: number,
  milliseconds: number,
): Promise<PackTry> {
  const { lr, l2, dropout, dropout2 } = parameters;
  const settings = {
    learningRate: lr,
    l2,
    dropouts: [dropout, dropout2],
    constants: constantsGiven(parameters),
  };
  const options = {
    ...parameters,
    batchSize,
    evaluateEvery: evaluationInterval(parameters, architecture.passes),
  };
  return measurePackSpeed(architecture, data, settings, options, models, backend, milliseconds);
}
