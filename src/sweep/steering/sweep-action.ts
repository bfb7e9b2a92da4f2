import { z } from 'zod';

/** A limit that may be changed; `null` takes it away. */
function limit<T extends z.ZodType>(schema: T) {
  return schema.nullable().optional();
}

const positive = z.number().positive().max(1e15);
const trialNumber = z.int().nonnegative();
const someTrials = z.array(trialNumber).min(1).max(100_000);

/** What `set` may change of a sweep that runs. What is absent stays as it is. */
export const settingsSchema = z.strictObject({
  /** Trials that run at once, at most. */
  concurrency: limit(z.int().positive().max(1_000_000)),
  /** `search.trials`. */
  trials: limit(z.int().positive().max(10_000_000)),
  /** Seconds in which a coordinator runs it. */
  time: limit(positive),
  gpuHours: limit(positive),
  cost: limit(positive),
  /** Narrower bounds of numeric parameters, both included; `null`: those of the sweep file again. */
  bounds: z.record(z.string().max(128), z.tuple([z.number(), z.number()]).nullable()).optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** A share of a pool that sweeps are given by; twice the priority, twice the slots. */
export const prioritySchema = z.number().min(0.01).max(100);

/**
 * What one may ask of a sweep: by command, over HTTP and over NATS. Who carries it out answers with what changed, or
 * refuses and says why.
 */
export const sweepActionSchema = z.discriminatedUnion('action', [
  /** Starts no new trials. Running ones finish; `now`: they go back to the queue, and go on from their checkpoints. */
  z.strictObject({ action: z.literal('pause'), now: z.boolean().default(false) }),
  z.strictObject({ action: z.literal('resume') }),
  /** Ends it: running trials are cancelled. `start` (or `resume` at a coordinator that stays) goes on with it. */
  z.strictObject({ action: z.literal('stop') }),
  z.strictObject({ action: z.literal('set'), settings: settingsSchema }),
  /** A share of the pool. @default 1 */
  z.strictObject({ action: z.literal('priority'), priority: prioritySchema }),
  /** A trial of one's own. Parameters left out are chosen by the sampler's random start; derived ones are computed. */
  z.strictObject({
    action: z.literal('add'),
    parameters: z.record(z.string().max(128), z.union([z.string().max(4096), z.number(), z.boolean()])),
  }),
  z.strictObject({ action: z.literal('cancel'), trials: someTrials }),
  /** Failed and cancelled trials back into the queue. Absent: all that failed. */
  z.strictObject({ action: z.literal('retry'), trials: someTrials.optional() }),
  /** No trials of this sweep for a worker, until it is released. */
  z.strictObject({ action: z.literal('quarantine'), worker: z.string().min(1).max(80) }),
  z.strictObject({ action: z.literal('release'), worker: z.string().min(1).max(80) }),
]);
export type SweepAction = z.infer<typeof sweepActionSchema>;
