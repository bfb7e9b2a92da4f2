import { loadDataset } from '../datasets/load-dataset.js';
import { cutStreams } from '../datasets/stream-windows.js';
import { prepareTrainingData, type TrainingData } from '../datasets/training-data.js';
import { loadWearableStreams } from '../datasets/wearable-stream.js';
import type { HarParameters } from '../../sweep/har/parameters.js';
import type { TrainContext } from './trainable.js';

/**
 * What a configuration trains on: the data set is loaded once a process, and cut once a process for each way of cutting.
 * @throws SetupError, TrialError
 */
export async function loadTrainingData(
  parameters: HarParameters,
  context: TrainContext,
): Promise<TrainingData> {
  const { dataset, signals, alignment, selectOn, splitSeed, windowSteps, windows } = parameters;
  const source = `${dataset} ${context.options.dataPath ?? ''}`;
  const options = { ...context.options, log: (message: string) => context.log(message) };
  const once = async <Whole, Cut>(
    load: () => Promise<Whole>,
    cut: Cut,
    prepare: (whole: Whole, cut: Cut) => TrainingData,
  ): Promise<TrainingData> => {
    const whole = await context.shared(`dataset ${source}`, load);
    const key = `training data ${source} ${JSON.stringify(cut)}`;
    return context.shared(key, () => Promise.resolve(prepare(whole, cut)));
  };
  if (dataset === 'wearable-stream')
    return once(
      () => loadWearableStreams(options),
      { selectOn, splitSeed, windowSteps, windows },
      cutStreams,
    );
  return once(
    () => loadDataset(dataset, options),
    { signals, alignment, selectOn, splitSeed },
    prepareTrainingData,
  );
}
