import { z } from 'zod';
import { didYouMean } from '../../sweep/nearest.js';
import { signalNames } from '../datasets/window-dataset.js';
import { optimizerNames } from '../training/optimizers.js';

/** Where the published models differ in what they take when nothing is said. */
const defaults = {
  'gru-two-stage': { nhidden: 16, batchSize: 800, optimizer: 'rmsprop', passes: 200, l2: 0, shuffle: true },
  'lstm-stacked': {
    nhidden: 32,
    batchSize: 1500,
    optimizer: 'adam',
    passes: 300,
    l2: 0.0015,
    shuffle: false,
  },
} as const;

export type ArchitectureName = keyof typeof defaults;
const architectureNames = Object.keys(defaults) as [ArchitectureName, ...ArchitectureName[]];

const signal = z.enum(signalNames);
const count = z.int().positive();

/** Parameters as a sweep file gives them. docs/har.md describes each. */
const shape = {
  dataset: z.enum(['uci-har', 'synthetic-har']).default('uci-har'),
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
    .default(['body_acc', 'body_gyro', 'total_acc']),
  alignment: z.enum(['gravity', 'none']).default('none'),
  selectOn: z.enum(['validation', 'test']).default('validation'),
  splitSeed: z.int().nonnegative().default(1),
  architecture: z.enum(architectureNames).default('gru-two-stage'),
  nhidden: count.max(1024).optional(),
  lr: z.number().positive().default(0.0025),
  batchSize: count.optional(),
  optimizer: z.enum(optimizerNames).optional(),
  passes: count.optional(),
  l2: z.number().nonnegative().optional(),
  shuffle: z.boolean().optional(),
  /** Passes between two evaluations. */
  evaluateEvery: count.optional(),
  /** Only `lstm-stacked`. */
  layers: count.max(16).optional(),
  inputActivation: z.enum(['linear', 'relu']).optional(),
  outputMean: z.number().optional(),
};

const onlyLstm = ['layers', 'inputActivation', 'outputMean'] as const;

export const harParameters = z
  .strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .map((key) => `har has no parameter "${key}"${didYouMean(key, Object.keys(shape))}`)
            .join('; ')
        : undefined,
  })
  .superRefine((given, context) => {
    if (given.architecture === 'gru-two-stage')
      for (const name of onlyLstm)
        if (given[name] !== undefined)
          context.addIssue({
            code: 'custom',
            path: [name],
            message: `is a parameter of architecture lstm-stacked; gru-two-stage has none`,
          });
    const ungrounded = given.signals.filter((name) => name !== 'total_acc');
    if (given.alignment === 'gravity' && ungrounded.length > 0)
      context.addIssue({
        code: 'custom',
        path: ['alignment'],
        message: `gravity needs signals: [total_acc], for there is no gravity in ${ungrounded.join(', ')}`,
      });
  })
  .transform((given) => {
    const usual = defaults[given.architecture];
    return {
      ...given,
      nhidden: given.nhidden ?? usual.nhidden,
      batchSize: given.batchSize ?? usual.batchSize,
      optimizer: given.optimizer ?? usual.optimizer,
      passes: given.passes ?? usual.passes,
      l2: given.l2 ?? usual.l2,
      shuffle: given.shuffle ?? usual.shuffle,
      layers: given.layers ?? 2,
      inputActivation: given.inputActivation ?? ('relu' as const),
      outputMean: given.outputMean ?? 1,
    };
  });

/** With everything that was left out filled in. */
export type HarParameters = z.infer<typeof harParameters>;

/** About a hundred points of a curve: evaluating then takes a few percent of the time of a long training. */
export function evaluationInterval(parameters: HarParameters, passes: number): number {
  return parameters.evaluateEvery ?? Math.max(1, Math.round(passes / 100));
}
