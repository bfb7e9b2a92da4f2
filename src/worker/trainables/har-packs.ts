import type { PackTry } from '../packs/find-pack-size.js';
import { openBackend } from '../training/backends/open-backend.js';
import { architectureOf } from './har-architecture.js';
import { loadTrainingData } from './har-data.js';
import { fitIntoMemory, measureSteps } from './har-memory.js';
import type { HarParameters } from '../../sweep/har/parameters.js';
import type { TrainContext } from './trainable.js';

/** Trials with fewer steps are over about as fast as it is found out how many of them pay. */
const fewestSteps = 300;
/** Milliseconds of training for each size. */
const tryTime = 150;

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
  const setting = { parameters, architecture, data, backend };
  // One that does not fit whole is trained alone, and in parts.
  if (size === 1 && (await fitIntoMemory(setting, [parameters], context.memoryBytes)).isSplit)
    return undefined;
  return await measureSteps(setting, size, batchSize, tryTime);
}
