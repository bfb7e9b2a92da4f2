import { z } from 'zod';
import { parseBytes, parseDuration } from '../units.js';
import { prunerSection } from './pruner-schema.js';
import { plainName, plainNameRule, sweepNameProblem } from './sweep-name.js';

/**
 * The shape of a sweep file. What the parts mean together (names, expressions, ranges) is checked in `checks-*.ts`.
 * The same schema gives `configs/sweep.schema.json`, so the descriptions below are what editors show.
 */

/** Names that expressions can use. */
export const identifier = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const identifierText = 'a name: letters, digits and _, not a digit first, at most 64 characters';

const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  const seconds = parseDuration(value);
  if (seconds !== undefined && seconds > 0) return seconds;
  context.addIssue({ code: 'custom', message: 'must be a duration above 0, e.g. 90s, 30m, 2h or 1h30m' });
  return z.NEVER;
});

const bytes = z.union([z.number(), z.string()]).transform((value, context) => {
  const amount = parseBytes(value);
  if (amount !== undefined && amount > 0) return amount;
  context.addIssue({ code: 'custom', message: 'must be an amount of memory above 0, e.g. 4GB or 512MiB' });
  return z.NEVER;
});

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const expression = z.string().min(1);
const when = expression.optional().describe('The parameter exists only where this expression is true');
const values = z.array(scalar).min(1);
const log = z.boolean().default(false).describe('Search on a logarithmic scale');

/** The kinds of parameter in their long form, by the key that makes them. */
export const parameterKinds = {
  choice: z
    .strictObject({ choice: values.describe('Values without an order'), when })
    .describe('One of several values; a plain list is the short form'),
  ordinal: z
    .strictObject({ ordinal: values.describe('Values whose order means something'), when })
    .describe('One of several values in order'),
  int: z
    .strictObject({
      int: z.tuple([z.int(), z.int()]).describe('[low, high], both included'),
      step: z.int().positive().default(1),
      log,
      when,
    })
    .describe('A whole number'),
  float: z
    .strictObject({
      float: z.tuple([z.number(), z.number()]).describe('[low, high]'),
      step: z.number().positive().optional(),
      log,
      when,
    })
    .describe('A real number'),
  value: z
    .strictObject({ value: scalar.describe('An expression over other parameters, or a constant'), when })
    .describe('Not searched: computed from other parameters'),
};
export type ParameterKind = keyof typeof parameterKinds;

/** Keys of `search` that the sampler pbt alone has; `readPbt` fills in what they leave out. */
export const pbtKeys = {
  population: z.int().min(2).max(10_000).optional().describe('pbt: members that train side by side (10)'),
  steps: z
    .number()
    .positive()
    .optional()
    .describe('pbt: the last step of a whole training (har: by architecture and passes)'),
  interval: z
    .number()
    .positive()
    .optional()
    .describe('pbt: steps after which members are judged (a tenth of steps)'),
  quantile: z
    .number()
    .gt(0)
    .max(0.5)
    .optional()
    .describe('pbt: the part that gives way to copies of the best (0.25)'),
  perturb: z
    .tuple([z.number().gt(0).lt(1), z.number().gt(1).max(100)])
    .optional()
    .describe("pbt: what a copy's numbers are multiplied by, one or the other ([0.8, 1.25])"),
  resample: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("pbt: probability that a copy's parameter is drawn anew instead (0.25)"),
  keep: z
    .array(z.string())
    .optional()
    .describe('pbt: parameters that never change: a checkpoint does not survive it'),
};

const replicates = z.int().min(1).max(10_000);

const name = z.string().regex(plainName, plainNameRule);
const sweepName = name.superRefine((text, context) => {
  const message = plainName.test(text) ? sweepNameProblem(text) : undefined;
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** The keys of a sweep file. */
export const sections = {
  name: sweepName.describe('Letters, digits, - and _, at most 64'),
  trainable: z
    .union([z.string().min(1), z.strictObject({ command: z.array(z.string().max(10_000)).min(1).max(1000) })])
    .describe('har, a module (./train.ts), or { command: [program, argument, "{parameter}"] }'),
  fixed: z
    .record(z.string().regex(identifier, `must be ${identifierText}`), z.json())
    .default({})
    .describe('Parameters that every trial has alike'),
  space: z
    .record(
      z.string().regex(identifier),
      z.union([values.describe('A choice'), ...Object.values(parameterKinds)]),
    )
    .describe('The parameters to search'),
  constraints: z
    .array(expression)
    .default([])
    .describe('Expressions over parameters; a configuration that breaks one is never tried'),
  objectives: z
    .record(z.string().regex(identifier, `must be ${identifierText}`), z.enum(['maximize', 'minimize']))
    .describe('Metrics to maximize or minimize; the first is the primary one'),
  limits: z
    .array(expression)
    .default([])
    .describe('Expressions over metrics and parameters; results that hold all of them are preferred'),
  search: z
    .strictObject({
      sampler: z.string().default('auto').describe('auto, grid, random, sobol, tpe, gp, cmaes, nsga2 or pbt'),
      trials: z
        .int()
        .min(1)
        .max(10_000_000)
        .optional()
        .describe('Trials at most, replicates counted one by one'),
      seed: z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
        .default(1),
      startWith: z.array(z.record(z.string(), scalar)).default([]).describe('Configurations to try first'),
      stopWhenDone: z
        .boolean()
        .optional()
        .describe('End when the results say that no more gain is likely; one objective'),
      warmStart: z
        .array(name)
        .min(1)
        .max(8)
        .optional()
        .describe('Names or ids of earlier sweeps of a similar space, whose results the search begins with'),
      ...pbtKeys,
    })
    .prefault({}),
  replicates: z
    .union([
      replicates,
      z
        .strictObject({ min: replicates.default(1), max: replicates })
        .refine(({ min, max }) => min <= max, { message: 'must be at least min', path: ['max'] })
        .describe('Contenders for the best get up to max, losers min'),
    ])
    .default(1)
    .describe('Trials for each configuration, which differ in their seed alone: a number, or { min, max }'),
  pruner: prunerSection.optional(),
  budget: z
    .strictObject({
      time: duration.optional().describe('Wall clock, e.g. 2h'),
      gpuHours: z.number().positive().optional().describe('Hours summed over the slots that train'),
      cost: z.number().positive().optional().describe('In the currency of pricePerGpuHour'),
      pricePerGpuHour: z.number().positive().optional(),
      until: expression.optional().describe('The sweep ends when a completed trial makes this true'),
    })
    .prefault({}),
  trial: z
    .strictObject({
      timeout: duration.optional().describe('What one attempt may take, e.g. 30m'),
      memoryLimit: bytes.optional().describe('What one attempt may take, e.g. 4GB'),
      retries: z.int().min(0).max(1000).default(2),
    })
    .prefault({}),
  workers: z
    .strictObject({
      pool: name.default('default'),
      concurrency: z.int().min(1).optional().describe('Trials that run at once, at most'),
      pack: z
        .union(
          [z.enum(['auto', 'off']), z.int().min(1).max(1024)],
          'must be auto, off or a number from 1 to 1024',
        )
        .default('auto')
        .describe('Trials that train together: auto (as many as pay), off, or so many at most'),
    })
    .prefault({}),
};
export type SectionName = keyof typeof sections;

/** A whole sweep file; `readDefinition` goes section by section to report all mistakes at once. */
export const sweepFileSchema = z.strictObject(sections).meta({
  title: 'Sweepyard sweep',
  description: 'A hyperparameter search: what to train, what to vary, what to optimise',
});
