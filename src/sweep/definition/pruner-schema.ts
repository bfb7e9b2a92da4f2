import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be the name of a metric');
const direction = z
  .enum(['maximize', 'minimize'])
  .optional()
  .describe('Of a metric that is no objective: whether larger or smaller is better');
const metric = name.optional().describe('What is judged; the first objective where absent');
const warmup = z.number().nonnegative().default(0).describe('No trial is stopped before this step');
const startup = z.int().min(1).default(5).describe('Completed trials before anything is stopped');

const halving = {
  metric: z
    .union([name, z.array(name).min(1)])
    .optional()
    .describe(
      'What is judged; the first objective where absent; a list: trials are ranked by non-domination',
    ),
  direction,
  min: z.number().positive().default(1).describe('The step at which trials are first judged'),
  reduction: z.number().min(1.1).max(1000).default(3).describe('One in so many goes on from each rung'),
  resume: z
    .boolean()
    .default(false)
    .describe('Pause what does not go on, and go on with it when it is among the best after all'),
};
const max = z.number().positive().describe('The last step of a whole trial');

/** The sections that `pruner` may be, by type. */
export const prunerSchemas = {
  asha: z.strictObject({ type: z.literal('asha'), ...halving, max: max.optional() }),
  hyperband: z.strictObject({ type: z.literal('hyperband'), ...halving, max }),
  forecast: z.strictObject({
    type: z.literal('forecast'),
    metric,
    direction,
    min: z
      .number()
      .positive()
      .optional()
      .describe('The step at which trials are first judged; max / 27 where absent, at least 1'),
    max,
    reduction: z.number().min(1.1).max(1000).default(3).describe('Judged again so many times further'),
  }),
  median: z.strictObject({ type: z.literal('median'), metric, direction, startup, warmup }),
  percentile: z.strictObject({
    type: z.literal('percentile'),
    metric,
    direction,
    percentile: z.number().gt(0).lt(100).default(25).describe('How many in a hundred go on'),
    startup,
    warmup,
  }),
  threshold: z.strictObject({
    type: z.literal('threshold'),
    metric,
    lower: z.number().optional().describe('Stops what is below'),
    upper: z.number().optional().describe('Stops what is above'),
    warmup,
  }),
  patience: z.strictObject({
    type: z.literal('patience'),
    metric,
    direction,
    patience: z.number().positive().describe('Steps without an improvement'),
    delta: z.number().nonnegative().default(0).describe('What is no improvement yet'),
    warmup,
  }),
  wilcoxon: z.strictObject({
    type: z.literal('wilcoxon'),
    metric,
    direction,
    p: z.number().gt(0).max(0.5).default(0.1).describe('Chance of stopping a configuration that is as good'),
  }),
};
export type PrunerType = keyof typeof prunerSchemas;

/** `pruner:` as a whole, for editors; `readPruner` reads it by its type, to say more. */
export const prunerSection = z
  .union([z.enum(Object.keys(prunerSchemas) as PrunerType[]), ...Object.values(prunerSchemas)])
  .describe('What stops trials early');
