import type { JsonObject } from '../../sweep/json.js';
import type { Metrics } from '../../sweep/trial.js';
import { loadDataset } from '../datasets/load-dataset.js';
import { prepareTrainingData, type TrainingData } from '../datasets/training-data.js';
import type { Architecture } from '../training/architecture.js';
import { gruTwoStage } from '../training/architectures/gru-two-stage.js';
import { lstmStacked } from '../training/architectures/lstm-stacked.js';
import { openBackend } from '../training/backends/open-backend.js';
import { classificationMetrics } from '../training/classification.js';
import type { Evaluation } from '../training/evaluation.js';
import { trainPack, type TrainingMember } from '../training/train-pack.js';
import { countParameters } from '../training/weights.js';
import { evaluationInterval, harParameters, type HarParameters } from './har-parameters.js';
import { TrialError, type Pack, type PackMember, type TrainContext, type Trainable } from './trainable.js';

/** Human activity recognition: recurrent networks over windows of a phone's accelerometer and gyroscope. */
const har: Trainable<HarParameters> = {
  parameters: harParameters,
  // What members may differ in are the numbers that enter as one value a member.
  packKey: (parameters) => JSON.stringify({ ...parameters, lr: undefined, l2: undefined }),
  async train(pack, context) {
    const parameters = sharedParameters(pack);
    const backend = await openBackend(context.options);
    const data = await loadTrainingData(parameters, context);
    if (parameters.batchSize > data.train.count)
      throw new TrialError(
        `batchSize ${parameters.batchSize} is more than the ${data.train.count} windows to train on`,
      );
    const architecture = architectureOf(parameters, data.channels);
    const memory = 4 * countParameters(architecture.weights);
    const lastHead = architecture.heads.length - 1;
    const lossName = parameters.selectOn === 'test' ? 'testLoss' : 'validationLoss';
    backend.resetPeak();
    const resources = (seconds: number): Metrics => ({
      memory,
      time: seconds,
      peakMemory: backend.peakBytes(),
    });

    const members = pack.members.map((member): HarMember => ({
      member,
      learningRate: member.parameters.lr,
      l2: member.parameters.l2,
      random: member.random,
      signal: member.signal,
    }));
    const options = { ...parameters, evaluateEvery: evaluationInterval(parameters, architecture.passes) };
    await trainPack(architecture, data, members, options, {
      afterPass({ member }, { pass, loss, head, evaluation, seconds }) {
        const judged = evaluation && judge(evaluation);
        const quality: Metrics = !judged
          ? {}
          : head === lastHead
            ? { ...judged, [lossName]: evaluation.loss }
            : { [`${architecture.heads[head]!.name}Accuracy`]: judged.accuracy };
        context.report(member, pass, { loss, ...quality, ...resources(seconds) });
      },
      ended({ member }, { selection, test, seconds }) {
        const metrics = {
          ...judge(selection),
          [lossName]: selection.loss,
          ...(parameters.selectOn === 'validation' ? { testAccuracy: judge(test).accuracy } : {}),
          ...resources(seconds),
        };
        context.complete(member, metrics, detailsOf(parameters, data, selection, test, backend.device));
      },
      diverged({ member }, pass) {
        const { lr } = member.parameters;
        const text = `the loss is no number any more after pass ${pass} of ${architecture.passes} (lr ${lr})`;
        context.fail(member, new TrialError(text));
      },
    });
  },
};
export default har;

interface HarMember extends TrainingMember {
  readonly member: PackMember<HarParameters>;
}

/** Members of a pack have equal keys, so what the first says holds for all. */
function sharedParameters(pack: Pack<HarParameters>): HarParameters {
  const [first, ...others] = pack.members;
  if (!first) throw new Error('a pack has at least one member');
  for (const other of others)
    if (har.packKey!(other.parameters) !== har.packKey!(first.parameters))
      throw new Error(`trials ${first.number} and ${other.number} can't train together: their keys differ`);
  return first.parameters;
}

/** The data set once a process, and what this configuration trains on once a process for each way of cutting it. */
async function loadTrainingData(parameters: HarParameters, context: TrainContext): Promise<TrainingData> {
  const { dataset, signals, alignment, selectOn, splitSeed } = parameters;
  const source = `${dataset} ${context.options.dataPath ?? ''}`;
  const whole = await context.shared(`dataset ${source}`, () =>
    loadDataset(dataset, { ...context.options, log: (message) => context.log(message) }),
  );
  const cut = { signals, alignment, selectOn, splitSeed };
  return context.shared(`training data ${source} ${JSON.stringify(cut)}`, () =>
    Promise.resolve(prepareTrainingData(whole, cut)),
  );
}

function architectureOf(parameters: HarParameters, inputs: number): Architecture {
  const { nhidden: units, passes, layers, inputActivation, outputMean } = parameters;
  switch (parameters.architecture) {
    case 'gru-two-stage':
      return gruTwoStage({ inputs, units, passes });
    case 'lstm-stacked':
      return lstmStacked({ inputs, units, passes, layers, inputActivation, outputMean });
  }
}

function judge(evaluation: Evaluation): Metrics & { readonly accuracy: number } {
  return { ...classificationMetrics(evaluation.confusion) };
}

function detailsOf(
  parameters: HarParameters,
  data: TrainingData,
  selection: Evaluation,
  test: Evaluation,
  device: string,
): JsonObject {
  return {
    selectOn: parameters.selectOn,
    windows: { train: data.train.count, selection: data.selection.count, test: data.test.count },
    classes: data.classes,
    confusion: selection.confusion,
    ...(parameters.selectOn === 'validation' ? { testConfusion: test.confusion } : {}),
    device,
  };
}
