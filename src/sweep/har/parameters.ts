import { z } from 'zod';
import { didYouMean } from '../nearest.js';
import {
  architectureNames,
  architectureParameters,
  architectures,
  architecturesWith,
  hasPenalty,
} from './architectures.js';
import { optimizerConstants, optimizerNames, type ConstantName } from './optimizers.js';

/** In the order in which the channels of the HAR data sets come. */
export const signalNames = ['body_acc', 'body_gyro', 'total_acc'] as const;

/** Groups of three channels, x y z. */
export type SignalName = (typeof signalNames)[number];

const scheduleNames = ['constant', 'exponential', 'step', 'cosine'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

const signal = z.enum(signalNames);
const count = z.int().positive();
const share = z.number().min(0).lt(1);
const positive = z.number().positive();

/** Parameters as a sweep file gives them. docs/har.md describes each. */
export const harShape = {
  dataset: z.enum(['uci-har', 'synthetic-har', 'wearable-stream']).default('uci-har'),
  /** A list, or in a space one text with commas. */
  signals: z
    .union([
      z.array(signal),
      z
        .string()
        .transform((text) => text.split(',').map((name) => name.trim()))
        .pipe(z.array(signal)),
    ])
    .refine((signals) => signals.length > 0, 'names at least one of ' + signalNames.join(', '))
    .refine((signals) => new Set(signals).size === signals.length, 'names a signal twice')
    .optional(),
  alignment: z.enum(['gravity', 'none']).optional(),
  /** Only `wearable-stream`. */
  windowSteps: count.optional(),
  windows: count.min(10).optional(),
  selectOn: z.enum(['validation', 'test']).default('validation'),
  splitSeed: z.int().nonnegative().default(1),
  architecture: z.enum(architectureNames).default('gru-two-stage'),
  nhidden: count.max(1024).optional(),
  lr: positive.optional(),
  batchSize: count.optional(),
  passes: count.optional(),
  l2: z.number().nonnegative().optional(),
  shuffle: z.union([z.boolean(), z.literal('once')]).optional(),
  /** Only with `shuffle: true`. */
  partialBatch: z.boolean().optional(),
  shuffleBuffer: count.min(2).optional(),
  /** Passes between two evaluations. */
  evaluateEvery: count.optional(),

  optimizer: z.enum(optimizerNames).optional(),
  momentum: share.optional(),
  decay: share.optional(),
  beta1: share.optional(),
  beta2: share.optional(),
  epsilon: positive.optional(),
  weightDecay: z.number().nonnegative().optional(),
  clipNorm: positive.optional(),
  clipValue: positive.optional(),

  schedule: z.enum(scheduleNames).default('constant'),
  decayRate: positive.max(1).optional(),
  decayPasses: positive.optional(),
  warmup: z.number().nonnegative().optional(),
  lrRange: z.tuple([positive, positive]).optional(),
  stopAt: z.number().min(0).max(1).optional(),
  patience: count.optional(),
  monitor: z.enum(['accuracy', 'loss']).optional(),

  /** Of some architectures: see architectures.ts. */
  layers: count.max(16).optional(),
  nhidden2: count.max(1024).optional(),
  mergedLabels: z.enum(['always', 'stage-1']).optional(),
  inputActivation: z.enum(['linear', 'relu']).optional(),
  outputMean: z.number().optional(),
  bidirectional: z.boolean().optional(),
  residual: z.boolean().optional(),
  dropout: share.optional(),
  dropout2: share.optional(),
  filters: count.max(1024).optional(),
  kernelSize: count.max(64).optional(),
  denseUnits: count.max(1024).optional(),
};

const given = z.strictObject(harShape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys
          .map((key) => `har has no parameter "${key}"${didYouMean(key, Object.keys(harShape))}`)
          .join('; ')
      : undefined,
});
type Given = z.infer<typeof given>;

const constantNames = [
  'momentum',
  'decay',
  'beta1',
  'beta2',
  'epsilon',
  'weightDecay',
] as const satisfies readonly ConstantName[];

type Mistake = readonly [keyof Given, string];

/** What does not fit the data set, by the parameter to blame. */
function* mistakesOfData({
  dataset,
  signals,
  alignment,
  windowSteps,
  windows,
  architecture,
}: Given): Generator<Mistake> {
  if (dataset === 'wearable-stream') {
    if (signals) yield ['signals', 'are of the HAR data sets; wearable-stream has X, Y, Z and P'];
    if (alignment) yield ['alignment', 'is of the HAR data sets; wearable-stream has none'];
    if (architecture === 'gru-two-stage')
      yield [
        'architecture',
        'gru-two-stage is for the six classes of the HAR data sets; wearable-stream has four',
      ];
    return;
  }
  if (windowSteps !== undefined)
    yield ['windowSteps', `is of data set wearable-stream; ${dataset} is cut already`];
  if (windows !== undefined) yield ['windows', `is of data set wearable-stream; ${dataset} is cut already`];
  const ungrounded = (signals ?? signalNames).filter((name) => name !== 'total_acc');
  if (alignment === 'gravity' && ungrounded.length > 0)
    yield [
      'alignment',
      `gravity needs signals: [total_acc], for there is no gravity in ${ungrounded.join(', ')}`,
    ];
}

/** What does not fit the order of the windows, by the parameter to blame. */
function* mistakesOfOrder({
  architecture,
  partialBatch,
  shuffleBuffer,
  ...given
}: Given): Generator<Mistake> {
  const shuffle = given.shuffle ?? architectures[architecture].shuffle;
  if (shuffle === true) return;
  if (partialBatch)
    yield ['partialBatch', `needs shuffle: true, for other passes do not end with a batch; it is ${shuffle}`];
  if (shuffleBuffer !== undefined)
    yield ['shuffleBuffer', `says how shuffle: true draws a new order; it is ${shuffle}`];
}

/** What does not fit together, by the parameter to blame. */
function* mistakes(given: Given): Generator<Mistake> {
  yield* mistakesOfData(given);
  yield* mistakesOfOrder(given);
  const has = (name: string): name is keyof Given => given[name as keyof Given] !== undefined;
  for (const name of architectureParameters) {
    const owners = architecturesWith(name);
    if (has(name) && !owners.includes(given.architecture))
      yield [name, `is a parameter of architecture ${owners.join(', ')}; ${given.architecture} has none`];
  }
  if (given.l2 && !hasPenalty(given.architecture))
    yield [
      'l2',
      `must be 0 with architecture ${given.architecture}, which has no L2 penalty; it is ${given.l2}`,
    ];
  const optimizer = given.optimizer ?? architectures[given.architecture].defaults.optimizer;
  const constants = Object.keys(optimizerConstants[optimizer]);
  for (const name of constantNames)
    if (has(name) && !constants.includes(name))
      yield [name, `is none of optimizer ${optimizer}, which has ${constants.join(', ')}`];
  if (given.schedule !== 'exponential' && given.schedule !== 'step')
    for (const name of ['decayRate', 'decayPasses'] as const)
      if (has(name)) yield [name, `needs schedule: exponential or step; it is ${given.schedule}`];
  const passes = given.passes ?? architectures[given.architecture].defaults.passes;
  if (given.warmup !== undefined && given.warmup >= passes)
    yield ['warmup', `takes ${given.warmup} of ${passes} passes; it must leave some`];
  if (given.monitor !== undefined && given.patience === undefined)
    yield ['monitor', 'says what patience looks at, which is not given'];
  if (given.layers !== undefined && given.layers > 2 && given.architecture === 'lstm-dropout')
    yield ['layers', 'of architecture lstm-dropout is 1 or 2'];
  if (given.nhidden2 !== undefined && given.layers !== 2)
    yield ['nhidden2', 'is the width of the second layer; it needs layers: 2'];
  if (given.dropout2 !== undefined && given.architecture === 'lstm-dropout' && given.layers !== 2)
    yield ['dropout2', 'follows the second layer; it needs layers: 2'];
  if (given.lrRange)
    for (const name of ['warmup', 'stopAt', 'patience'] as const)
      if (has(name)) yield [name, 'does not go with lrRange, which raises lr from pass to pass to its end'];
  if (given.lrRange && given.schedule !== 'constant')
    yield ['schedule', 'does not go with lrRange, which is a schedule of its own'];
}

export const harParameters = given
  .superRefine((parameters, context) => {
    for (const [name, message] of mistakes(parameters))
      context.addIssue({ code: 'custom', path: [name], message });
  })
  .transform((parameters) => {
    const { architecture } = parameters;
    const { defaults, shuffle, partialBatch, layers } = architectures[architecture];
    const nhidden = parameters.nhidden ?? defaults.nhidden;
    const dropout = parameters.dropout ?? defaults.dropout;
    return {
      ...parameters,
      signals: parameters.signals ?? [...signalNames],
      alignment: parameters.alignment ?? ('none' as const),
      windowSteps: parameters.windowSteps ?? 512,
      windows: parameters.windows ?? 10_000,
      nhidden,
      nhidden2: parameters.nhidden2 ?? nhidden,
      lr: parameters.lr ?? defaults.lr,
      batchSize: parameters.batchSize ?? defaults.batchSize,
      optimizer: parameters.optimizer ?? defaults.optimizer,
      passes: parameters.passes ?? defaults.passes,
      l2: parameters.l2 ?? defaults.l2,
      shuffle: parameters.shuffle ?? shuffle,
      partialBatch: parameters.partialBatch ?? partialBatch,
      layers: parameters.layers ?? layers,
      mergedLabels: parameters.mergedLabels ?? ('always' as const),
      inputActivation: parameters.inputActivation ?? ('relu' as const),
      outputMean: parameters.outputMean ?? 1,
      bidirectional: parameters.bidirectional ?? false,
      residual: parameters.residual ?? false,
      dropout,
      dropout2: parameters.dropout2 ?? dropout,
      filters: parameters.filters ?? 64,
      kernelSize: parameters.kernelSize ?? 3,
      denseUnits: parameters.denseUnits ?? 64,
    };
  });

/** What its trials report, on their way or at their end, each where it applies. */
export const harMetrics = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'loss',
  'memory',
  'time',
  'peakMemory',
  'meanAbsoluteError',
  'validationLoss',
  'testLoss',
  'testAccuracy',
  'easierAccuracy',
  'otherAccuracy',
  'otherF1',
  'learningRate',
] as const;

/** With everything that was left out filled in. */
export type HarParameters = z.infer<typeof harParameters>;

/** Parameters that enter as a number a member: trials that differ in these alone can train together. */
export const memberParameters = ['lr', 'l2', 'dropout', 'dropout2', ...constantNames] as const;

/** The optimizer's constants that this trial says. */
export function constantsGiven(parameters: HarParameters): Partial<Record<ConstantName, number>> {
  return Object.fromEntries(
    constantNames.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]])),
  );
}

/** About a hundred points of a curve: evaluating then takes a few percent of the time of a long training. */
export function evaluationInterval({ evaluateEvery, lrRange }: HarParameters, passes: number): number {
  if (lrRange) return passes;
  return evaluateEvery ?? Math.max(1, Math.round(passes / 100));
}
