import { z } from 'zod';
import {
  columnName,
  natural,
  naturalText,
  parameterValue,
  revision,
  time,
  trialState,
  where,
} from './common.js';

/** Answers of the views that look deeper. */

export const gridQuery = z.strictObject({
  x: columnName,
  y: columnName,
  value: columnName,
  where,
  bins: naturalText.pipe(z.int().min(2).max(60)).optional().meta({
    description: 'Along each axis; by the number of trials where absent.',
  }),
});
const gridAxis = z.object({
  log: z.boolean(),
  categories: z.array(parameterValue).optional(),
  edges: z.array(z.number()).meta({ description: 'one more than there are bins; of categories their codes' }),
});
export const gridAnswer = z.object({
  revision,
  grid: z
    .object({
      x: gridAxis,
      y: gridAxis,
      means: z
        .array(z.array(z.number().nullable()))
        .meta({ description: 'by y, then x; null: nothing lies there' }),
      counts: z.array(z.array(natural)),
    })
    .optional()
    .meta({ description: 'absent where no completed trial has all three' }),
});
export type GridAnswer = Readonly<z.infer<typeof gridAnswer>>;

export const curvesQuery = z.strictObject({
  metric: z.string().min(1).optional(),
  where,
  most: naturalText.pipe(z.int().min(1).max(500)).default(120),
});
export const curvesAnswer = z.object({
  revision,
  metric: z.string(),
  total: natural.meta({ description: 'trials that have reported' }),
  curves: z.array(
    z.object({
      number: natural,
      state: trialState,
      reason: z.string().optional(),
      steps: z.array(z.number()),
      values: z.array(z.number()),
    }),
  ),
  bands: z
    .array(z.object({ step: z.number(), n: natural, low: z.number(), middle: z.number(), high: z.number() }))
    .meta({ description: 'quartiles of the curves that are sent, by step' }),
});
export type CurvesAnswer = Readonly<z.infer<typeof curvesAnswer>>;

export const distributionsQuery = z.strictObject({ metric: z.string().min(1).optional(), where });
export const distributionsAnswer = z.object({
  revision,
  metric: z.string(),
  best: natural.meta({ description: 'how many of the best count as such: a tenth' }),
  total: natural,
  parameters: z.array(
    z.object({
      name: z.string(),
      log: z.boolean(),
      categories: z.array(parameterValue).optional(),
      edges: z.array(z.number()),
      all: z.array(natural),
      best: z.array(natural),
    }),
  ),
});
export type DistributionsAnswer = Readonly<z.infer<typeof distributionsAnswer>>;

export const timelineQuery = z.strictObject({
  from: z.coerce.number().optional().meta({ description: 'milliseconds since the epoch' }),
  to: z.coerce.number().optional(),
  bins: naturalText.pipe(z.int().min(10).max(2000)).default(400),
});
export const timelineAnswer = z.object({
  revision,
  from: time,
  to: time,
  total: natural.meta({ description: 'attempts in this time' }),
  workers: z.array(
    z.object({
      id: z.string(),
      attempts: natural,
      seconds: z.number().meta({ description: 'in which it trained at least one trial' }),
      spans: z
        .array(
          z.object({
            from: time,
            to: time,
            lane: natural.meta({ description: 'attempts at one time lie in different lanes' }),
            outcome: z.string().meta({ description: 'running, or how it ended; lost where the worker was' }),
            number: natural
              .optional()
              .meta({ description: 'absent where several short attempts are one span' }),
            attempts: natural,
          }),
        )
        .meta({ description: 'what is too short to be seen is joined' }),
    }),
  ),
});
export type TimelineAnswer = Readonly<z.infer<typeof timelineAnswer>>;

export const importanceQuery = z.strictObject({ metric: z.string().min(1).optional() });
export const importanceAnswer = z.object({
  revision,
  metric: z.string(),
  configurations: natural.meta({ description: 'it rests on; a sample where there are many more' }),
  explained: z.number().optional().meta({
    description:
      'part of the variance that is predicted for what was not seen; near 0 the shares mean nothing',
  }),
  parameters: z.array(z.object({ name: z.string(), share: z.number() })),
  interactions: z.array(z.object({ names: z.tuple([z.string(), z.string()]), share: z.number() })),
});
export type ImportanceAnswer = Readonly<z.infer<typeof importanceAnswer>>;
