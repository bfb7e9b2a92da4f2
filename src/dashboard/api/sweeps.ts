import { z } from 'zod';
import { ShownState } from '../../store/leadership.js';
import { SweepState } from '../../store/sweep-store.js';
import { direction, metrics, natural, parameters, time, trialState } from './common.js';
import { failure, trialView } from './trials.js';
import { workerView } from './workers.js';

/** Shapes of answers that are about one or all sweeps; the types of `../api.ts` are the same. */

const sweepState = z.enum(SweepState);
const shown = z.enum(ShownState).meta({
  description:
    'its state; paused, or interrupted (no coordinator works on it), where it is stored as running',
});
const definition = z
  .record(z.string(), z.unknown())
  .meta({ description: 'SweepDefinition: the sweep file, checked' });

const sweepSummary = z.object({
  id: z.string(),
  name: z.string(),
  state: sweepState,
  shown,
  reason: z.string().optional(),
  createdAt: time,
  finishedAt: time.optional(),
  trainable: z.string(),
  objective: z.object({ metric: z.string(), direction }),
  counts: z.record(trialState, natural),
  planned: natural.optional().meta({ description: 'trials it will have, at most' }),
  best: z.object({ value: z.number(), replicates: natural, parameters, feasible: z.boolean() }).optional(),
  secondsLeft: z.number().optional(),
  cost: z.number().optional(),
  selectsOnTest: z.boolean(),
});
export const sweepsAnswer = z.object({ sweeps: z.array(sweepSummary), now: time });

export const sweepAnswer = z.object({
  id: z.string(),
  definition,
  state: sweepState,
  shown,
  reason: z.string().optional(),
  usage: z.object({ seconds: z.number(), slotSeconds: z.number() }),
  createdAt: time,
  finishedAt: time.optional(),
  planned: natural.optional(),
  selectsOnTest: z.boolean(),
  actions: z.array(z.string()).meta({ description: 'what may be asked for here' }),
});

const report = z.object({
  number: natural,
  attempt: natural,
  sequence: natural,
  step: z.number(),
  metrics,
  reportedAt: time,
});

export const trialDetailAnswer = z.object({
  trial: trialView.extend({
    sweepId: z.string(),
    origin: z.unknown().optional(),
    details: z.unknown().optional(),
  }),
  attempts: z.array(
    z.object({
      number: natural,
      attempt: natural,
      workerId: z.string(),
      startedAt: time,
      finishedAt: time.optional(),
      outcome: z.string().optional(),
      failure: failure.optional(),
      pack: z
        .array(natural)
        .optional()
        .meta({ description: 'the trials that came to the worker with it, its own included' }),
    }),
  ),
  logs: z
    .array(
      z.object({
        number: natural,
        attempt: natural,
        sequence: natural,
        lines: z.array(z.string()),
        loggedAt: time,
      }),
    )
    .meta({ description: 'what it logged before the report of this sequence, or before its result' }),
  reports: z.array(report),
  reportCount: natural,
  decisions: z.array(
    z.object({
      sweepId: z.string(),
      number: natural.optional(),
      action: z.string(),
      reason: z.string(),
      decidedAt: time,
    }),
  ),
  lineage: z
    .object({
      member: natural,
      generation: natural,
      before: z.array(natural).meta({ description: 'trials whose checkpoints led to it, oldest first' }),
      after: z.array(natural).meta({ description: 'trials that go on from its checkpoint' }),
      reports: z.array(report).meta({ description: 'of the trials before' }),
    })
    .optional()
    .meta({ description: 'of population-based training, where it is one interval of a member' }),
});

export const sweepWorkersAnswer = z.array(
  workerView.omit({ runs: true, ended: true, failed: true, quarantine: true }).extend({
    quarantine: z.string().optional().meta({ description: 'why it gets no trials of this sweep for now' }),
  }),
);
export const actionAnswer = z.object({ message: z.string().meta({ description: 'what comes of it' }) });

/** What is sent to hand in a sweep. */
export const submitBody = z.strictObject({
  source: z.string().max(1_000_000).meta({ description: 'the text of the sweep file' }),
  baseDirectory: z.string().max(4096).optional().meta({
    description: "what relative paths in it start from: an absolute path on the coordinator's machine",
  }),
  again: z.boolean().default(false).meta({ description: 'a new sweep, also where the same one is stored' }),
});
export const submitAnswer = z.strictObject({
  sweepId: z.string(),
  name: z.string(),
  state: z
    .enum(['begins', 'goes on', 'runs already', 'finished'])
    .meta({ description: 'what comes of it; `runs already`, `finished`: the same sweep is there' }),
});

export const errorAnswer = z.object({ error: z.object({ status: natural, message: z.string() }) });
