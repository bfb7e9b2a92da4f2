import type { JsonObject } from '../../sweep/json.js';
import { formatBytes } from '../../sweep/units.js';
import type { Metrics } from '../../sweep/trial.js';
import type { TrainingData } from '../datasets/training-data.js';
import type { Architecture } from '../training/architecture.js';
import { openBackend } from '../training/backends/open-backend.js';
import { classificationMetrics } from '../training/classification.js';
import type { Evaluation } from '../training/evaluation.js';
import { decodeState, encodeState, misfitOf, type MemberState } from '../training/member-state.js';
import {
  trainPack,
  type FinalResult,
  type TrainingMember,
  type TrainingObserver,
} from '../training/train-pack.js';
import { countParameters } from '../training/weights.js';
import { architectureOf } from './har-architecture.js';
import { loadTrainingData } from './har-data.js';
import {
  constantsGiven,
  evaluationInterval,
  harParameters,
  memberParameters,
  type HarParameters,
} from '../../sweep/har/parameters.js';
import { fitIntoMemory } from './har-memory.js';
import { tryHarPack } from './har-packs.js';
import { TrialError, type Pack, type PackMember, type TrainContext, type Trainable } from './trainable.js';

/** A learning-rate range test reports so many steps, about. */
const rangePoints = 1000;

/** Human activity recognition: recurrent networks over windows of a phone's accelerometer and gyroscope. */
const har: Trainable<HarParameters> = {
  parameters: harParameters,
  packKey: (parameters) =>
    JSON.stringify({
      ...parameters,
      ...Object.fromEntries(memberParameters.map((name) => [name, undefined])),
    }),
  tryPack: tryHarPack,
  async train(pack, context) {
    const parameters = sharedParameters(pack);
    const backend = await openBackend(context.options);
    const data = await loadTrainingData(parameters, context);
    if (parameters.batchSize > data.train.count)
      throw new TrialError(
        `batchSize ${parameters.batchSize} is more than the ${data.train.count} windows to train on`,
      );
    const architecture = architectureOf(parameters, data);
    const memory = 4 * countParameters(architecture.weights);
    const lastHead = architecture.heads.length - 1;
    const lossName = parameters.selectOn === 'test' ? 'testLoss' : 'validationLoss';
    const rateChanges = parameters.schedule !== 'constant' || parameters.warmup !== undefined;
    backend.resetPeak();
    const resources = (seconds: number): Metrics => ({
      memory,
      time: seconds,
      peakMemory: backend.peakBytes(),
    });
    const selectionMetrics = (evaluation: Evaluation): Metrics => ({
      ...qualityOf(evaluation),
      [lossName]: evaluation.loss,
    });

    const steps = architecture.passes * Math.ceil(data.train.count / parameters.batchSize);
    const reportEvery = Math.ceil(steps / rangePoints);
    const options = { ...parameters, evaluateEvery: evaluationInterval(parameters, architecture.passes) };
    let batchParts = 1;
    const observer: TrainingObserver<HarMember> = {
      // A learning-rate range test is about what happens from step to step.
      ...(parameters.lrRange && {
        afterStep: ({ member }, { step, loss, learningRate }) => {
          if (Number.isFinite(loss) && step % reportEvery === 0)
            context.report(member, step, { loss, learningRate });
        },
      }),
      afterPass({ member }, { pass, loss, learningRate, head, evaluation, seconds }) {
        if (parameters.lrRange) return;
        const quality: Metrics = !evaluation
          ? {}
          : head === lastHead
            ? selectionMetrics(evaluation)
            : {
                [`${architecture.heads[head]!.name}Accuracy`]: classificationMetrics(evaluation.confusion)
                  .accuracy,
              };
        const rate: Metrics = rateChanges ? { learningRate } : {};
        context.report(member, pass, { loss, ...rate, ...quality, ...resources(seconds) });
      },
      ended({ member }, result) {
        const { selection, test, other, seconds } = result;
        const ofOthers = other && classificationMetrics(other.confusion);
        const metrics = {
          ...selectionMetrics(selection),
          ...(parameters.selectOn === 'validation'
            ? { testAccuracy: classificationMetrics(test.confusion).accuracy }
            : {}),
          ...(ofOthers && { otherAccuracy: ofOthers.accuracy, otherF1: ofOthers.f1 }),
          ...resources(seconds),
        };
        const details = detailsOf(parameters, data, result, backend.device);
        context.complete(member, metrics, batchParts === 1 ? details : { ...details, batchParts });
      },
      diverged({ member }, pass) {
        // Where the range test ends, and no mistake.
        if (parameters.lrRange) return;
        const { lr } = member.parameters;
        const text = `the loss is no number any more after pass ${pass} of ${architecture.passes} (lr ${lr})`;
        context.fail(member, new TrialError(text));
      },
      checkpointDue: ({ member }) => !parameters.lrRange && context.checkpointDue(member),
      checkpoint: ({ member }, state) => context.checkpoint(member, state.pass, encodeState(state)),
    };
    const members = pack.members.map((member) => trainingMember(member, architecture, context));
    const setting = { parameters, architecture, data, backend };
    for (const together of trainingTogether(members, architecture)) {
      const fit = await fitIntoMemory(setting, together, context.memoryBytes);
      ({ batchParts } = fit);
      if (fit.isSplit)
        context.log(
          `batches of ${parameters.batchSize} windows do not fit into ${formatBytes(context.memoryBytes ?? 0)}: ` +
            `each is trained in ${batchParts} parts of ${Math.ceil(parameters.batchSize / batchParts)}`,
        );
      const { windowsAtOnce } = fit;
      for (const group of fit.groups)
        await trainPack(architecture, data, group, { ...options, windowsAtOnce }, observer);
    }
  },
};
export default har;

interface HarMember extends TrainingMember {
  readonly member: PackMember<HarParameters>;
}

/**
 * Members that can train together: that go on after the same pass, for a pack that was put together anew may have others;
 * and, where a head leaves weights of the other heads alone, only with or only without L2, whose gradient is of all
 * weights: in one program an optimizer would touch weights of those without it that it leaves alone when they train alone.
 */
function trainingTogether(members: readonly HarMember[], { heads }: Architecture): HarMember[][] {
  const groups = new Map<string, HarMember[]>();
  for (const member of members) {
    const key = `${member.resume?.pass ?? 0} ${heads.length > 1 && member.l2 > 0}`;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return [...groups.values()];
}

/** Undefined where it begins anew. */
function resumeOf(
  { checkpoint, number }: PackMember<HarParameters>,
  { weights }: Architecture,
  context: TrainContext,
): MemberState | undefined {
  if (!checkpoint) return undefined;
  const state = decodeState(checkpoint.state);
  const problem = state
    ? misfitOf(state, weights)
    : 'it is damaged, or another release of Sweepyard or Node has written it';
  if (problem === undefined) return state;
  context.log(`trial ${number} begins anew, for its checkpoint can't be used: ${problem}`);
  return undefined;
}

function trainingMember(
  member: PackMember<HarParameters>,
  architecture: Architecture,
  context: TrainContext,
): HarMember {
  const { lr, l2, dropout, dropout2 } = member.parameters;
  return {
    member,
    learningRate: lr,
    l2,
    dropouts: [dropout, dropout2],
    constants: constantsGiven(member.parameters),
    random: member.random,
    signal: member.signal,
    resume: resumeOf(member, architecture, context),
  };
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

function qualityOf({ confusion, meanAbsoluteError }: Evaluation): Record<string, number> {
  return { ...classificationMetrics(confusion), meanAbsoluteError };
}

function detailsOf(
  parameters: HarParameters,
  data: TrainingData,
  { pass, stopped, selection, test, other }: FinalResult,
  device: string,
): JsonObject {
  return {
    selectOn: parameters.selectOn,
    windows: {
      train: data.train.count,
      selection: data.selection.count,
      test: data.test.count,
      ...(data.other && { other: data.other.count }),
    },
    classes: data.classes,
    confusion: selection.confusion,
    ...(parameters.selectOn === 'validation'
      ? { testConfusion: test.confusion, testQuality: qualityOf(test) }
      : {}),
    ...(other && { otherConfusion: other.confusion, otherQuality: qualityOf(other) }),
    passes: pass,
    ...(stopped === undefined ? {} : { stopped }),
    device,
  };
}
