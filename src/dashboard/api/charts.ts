import { z } from 'zod';
import {
  columnName,
  direction,
  metrics,
  natural,
  naturalText,
  parameters,
  parameterValue,
  revision,
  several,
  time,
  trialState,
  where,
} from './common.js';

/** Answers that charts are drawn from: the server reads all trials, and sends what a picture can show of them. */

const most = naturalText.pipe(z.int().min(10).max(20_000)).default(1500).meta({
  description: 'How many trials to send, about. More are thinned so that the picture stays the same.',
});

// --- points

export const pointsQuery = z.strictObject({
  x: columnName,
  y: several.meta({ description: 'Columns that are drawn over x; trials with none of them are left out.' }),
  with: several.default([]).meta({ description: 'Further columns to send.' }),
  where,
  most,
  partial: z.literal('true').optional().meta({
    description:
      'While a large sweep is read for the first time, answer at once with what has been read of it.',
  }),
});

export const columnData = z.object({
  log: z.boolean().meta({ description: 'searched on a logarithmic scale' }),
  categories: z.array(parameterValue).optional().meta({ description: 'what the values stand for' }),
  values: z.array(z.number().nullable()),
});

export const pointsAnswer = z.object({
  revision,
  total: natural.meta({ description: 'trials that could be drawn' }),
  absent: natural.meta({ description: 'trials that have no x' }),
  partial: z
    .literal(true)
    .optional()
    .meta({ description: 'asked for, and not all trials have been read yet' }),
  numbers: z.array(natural).meta({ description: 'the trials that are sent' }),
  states: z.array(trialState),
  columns: z.record(z.string(), columnData).meta({ description: 'by name, in the order of `numbers`' }),
});
export type PointsAnswer = Readonly<z.infer<typeof pointsAnswer>>;
export type ColumnData = z.infer<typeof columnData>;

// --- slices

export const slicesQuery = z.strictObject({
  x: columnName,
  y: several,
  by: columnName.optional().meta({ description: 'A column of few values: a slice for each.' }),
  where,
});

export const bin = z.object({
  x: z.number(),
  n: natural,
  mean: z.number(),
  spread: z.number().optional().meta({ description: 'sample standard deviation' }),
  low: z.number().meta({ description: 'tenth percentile' }),
  high: z.number().meta({ description: 'ninetieth percentile' }),
});

export const slicesAnswer = z.object({
  revision,
  groups: z.array(
    z.object({
      value: parameterValue.optional(),
      slices: z.record(
        z.string(),
        z.object({ binned: z.boolean(), bins: z.array(bin) }).meta({ description: 'by name of y' }),
      ),
    }),
  ),
});
export type SlicesAnswer = Readonly<z.infer<typeof slicesAnswer>>;

// --- configurations

const rankedConfiguration = z.object({
  configuration: natural,
  trials: z.array(natural).meta({ description: 'its completed replicates' }),
  parameters,
  metrics: z.record(z.string(), z.object({ n: natural, mean: z.number(), spread: z.number().optional() })),
  broken: z.array(z.string()).meta({ description: 'limits that it does not keep' }),
});
export type RankedConfiguration = Readonly<z.infer<typeof rankedConfiguration>>;

export const bestQuery = z.strictObject({
  metric: z.string().min(1).optional().meta({ description: 'The first objective where absent.' }),
  top: naturalText.pipe(z.int().min(1).max(100)).default(5),
  where,
});

export const bestAnswer = z.object({
  revision,
  metric: z.string(),
  direction,
  configurations: natural.meta({ description: 'configurations with a completed trial' }),
  ranked: z.array(
    rankedConfiguration.extend({
      rank: natural,
      tied: z.boolean().meta({ description: 'another one has the same mean' }),
      nearBest: z.boolean().meta({ description: 'its replicates do not tell it from the best one' }),
      expected: z.number().optional().meta({ description: 'posterior mean of the metric, which ranks' }),
      probabilityBest: z
        .number()
        .optional()
        .meta({ description: 'that no other is better, after all seeds' }),
    }),
  ),
  intervals: z
    .string()
    .optional()
    .meta({ description: 'of a population, which counts each member once: what is left out, in words' }),
  leaders: z.string().optional().meta({ description: 'how sure the first place is, in words' }),
});
export type BestAnswer = Readonly<z.infer<typeof bestAnswer>>;

export const historyQuery = z.strictObject({ metric: z.string().min(1).optional(), where, most });

export const historyAnswer = z.object({
  revision,
  metric: z.string(),
  direction,
  completed: natural,
  began: time.optional().meta({ description: 'when the first trial started' }),
  ended: time.optional().meta({ description: 'when the last one ended' }),
  improvements: z
    .array(z.object({ number: natural, value: z.number(), completed: natural, at: time }))
    .meta({ description: 'each time the best value became better' }),
  points: z
    .object({
      numbers: z.array(natural),
      completed: z.array(natural).meta({ description: 'how many trials had completed with it' }),
      at: z.array(time),
      values: z.array(z.number()),
    })
    .meta({ description: 'completed trials, thinned' }),
});
export type HistoryAnswer = Readonly<z.infer<typeof historyAnswer>>;

export const frontQuery = z.strictObject({
  x: z.string().min(1).meta({ description: 'a metric' }),
  y: z.string().min(1).meta({ description: 'a metric' }),
  colour: columnName.optional(),
  where,
  most,
});

export const frontAnswer = z.object({
  revision,
  x: z.object({ metric: z.string(), direction }),
  y: z.object({ metric: z.string(), direction }),
  total: natural.meta({ description: 'configurations that have both metrics' }),
  front: z.array(rankedConfiguration).meta({ description: 'ascending by x; feasible ones only' }),
  others: z.object({
    numbers: z.array(natural).meta({ description: 'first trial of each' }),
    x: z.array(z.number()),
    y: z.array(z.number()),
    feasible: z.array(z.boolean()),
  }),
  columns: z.record(z.string(), columnData).meta({ description: 'parameters and colour, of `others`' }),
  frontColour: z.array(z.number().nullable()).optional(),
});
export type FrontAnswer = Readonly<z.infer<typeof frontAnswer>>;

// --- summary

export const progressAnswer = z.object({
  revision,
  counts: z.record(trialState, natural),
  total: natural.meta({
    description: 'trials there will be, at most; those there are where it is not known',
  }),
  totalIsKnown: z.boolean(),
  done: natural,
  rate: z.number().optional().meta({ description: 'trials that end in a second, lately' }),
  secondsLeft: z.number().optional(),
  metrics: z.array(z.string()).meta({ description: 'objectives, then memory and time, then the others' }),
  workers: z.array(z.string()).meta({ description: 'workers that ran a trial' }),
  reading: z.object({ read: natural, of: natural }).optional().meta({
    description: 'trials that have been read of all, while a large sweep is read for the first time',
  }),
  latest: metrics.optional(),
});
export type ProgressAnswer = Readonly<z.infer<typeof progressAnswer>>;
