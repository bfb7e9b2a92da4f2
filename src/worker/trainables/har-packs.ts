import type { PackTry } from '../packs/find-pack-size.js';
import { inParts } from '../packs/find-pack-size.js';
import type { TrainingData } from '../datasets/training-data.js';
import { formatBytes } from '../../sweep/units.js';
import { openBackend } from '../training/backends/open-backend.js';
import type { Architecture } from '../training/architecture.js';
import type { TrainingBackend } from '../training/backends/backend.js';
import { measurePackSpeed } from '../training/pack-speed.js';
import { architectureOf } from './har-architecture.js';
import { loadTrainingData } from './har-data.js';
import { constantsGiven, evaluationInterval, type HarParameters } from './har-parameters.js';
import { OutOfMemoryError, type TrainContext } from './trainable.js';

/** Trials with fewer steps are over about as fast as it is found out how many of them pay. */
const fewestSteps = 300;
/** Milliseconds of training for each size. */
const tryTime = 150;

/** What a trial's parameters come to on this machine. */
interface Setting {
  readonly parameters: HarParameters;
  readonly architecture: Architecture;
  readonly data: TrainingData;
  readonly backend: TrainingBackend;
}

export async function tryHarPack(
  parameters: HarParameters,
  size: number,
  context: TrainContext,
): Promise<PackTry | undefined> {
  const backend = await openBackend(context.options);
  const data = await loadTrainingData(parameters, context);
  const architecture = architectureOf(parameters, data);
  const { batchSize } = parameters;
  if (batchSize > data.train.count) return undefined;
  if (architecture.passes * Math.floor(data.train.count / batchSize) < fewestSteps) return undefined;
  return await measure({ parameters, architecture, data, backend }, size, batchSize, tryTime);
}

function measure(
  { parameters, architecture, data, backend }: Setting,
  size: number,
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
  return measurePackSpeed(architecture, data, settings, options, size, backend, milliseconds);
}

/** Batches of these sizes tell what any other takes. */
const [smallBatch, largerBatch] = [8, 16];
/** Values that are kept for the backward pass, for each unit of a layer at each step: an upper guess. */
const valuesEachUnit = 16;

/**
 * Bytes of a window that are surely held at once: a layer's output at every step, and its gradient. Small batches of a wide
 * network do not show them, for there the optimizer's work on the weights takes the most.
 */
function heldByWindow({ architecture, nhidden }: HarParameters, steps: number): number {
  // An LSTM on the data itself keeps its last output alone.
  return architecture === 'lstm-dropout' ? 0 : 2 * 4 * steps * nhidden;
}

/**
 * Divides members so that each part fits into the memory that a slot may take, as two small batches let expect.
 * @throws OutOfMemoryError where a single one does not fit
 */
export async function partsThatFit<Member>(
  setting: Setting,
  members: readonly Member[],
  memoryBytes: number | undefined,
): Promise<Member[][]> {
  const { parameters, data } = setting;
  const { batchSize, nhidden, layers } = parameters;
  if (memoryBytes === undefined) return [[...members]];
  // Most trials are so small that it need not be measured.
  const values = data.channels + valuesEachUnit * nhidden * (layers + 1);
  if (4 * members.length * batchSize * data.steps * values < memoryBytes / 4) return [[...members]];
  const small = await measure(setting, 1, smallBatch, 0);
  const larger = await measure(setting, 1, largerBatch, 0);
  const eachWindow = Math.max(
    (larger.bytes - small.bytes) / (largerBatch - smallBatch),
    heldByWindow(parameters, data.steps),
  );
  const each = small.bytes + eachWindow * (batchSize - smallBatch);
  if (each > memoryBytes)
    throw new OutOfMemoryError(
      `a step on batchSize ${batchSize} would take ${formatBytes(Math.round(each))} of tensors, ` +
        `${formatBytes(Math.floor(memoryBytes))} may be taken: a smaller batchSize or nhidden fits`,
    );
  return inParts(members, Math.max(1, Math.floor(memoryBytes / each)));
}
