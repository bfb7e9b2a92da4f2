import { z } from 'zod';
import { sweepActionSchema } from '../sweep/steering/sweep-action.js';

/**
 * What coordinator and workers say to each other. Every message is JSON and carries the protocol's version; who gets
 * another version says so and does not act. Subjects and streams are in `subjects.ts`.
 */
export const protocolVersion = 1;

const version = z.literal(protocolVersion);
const jsonObject = z.record(z.string(), z.json());
const metrics = z.record(z.string().max(128), z.number());
const token = z.string().regex(/^[0-9A-Za-z_-]{1,80}$/);

export const failureSchema = z.object({
  class: z.enum(['trial', 'memory', 'crash', 'hang', 'timeout', 'lost', 'setup']),
  message: z.string().max(16_384),
});

export const trainableReferenceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('builtin'), name: token }),
  z.object({ kind: z.literal('module'), path: z.string().max(4096) }),
  z.object({ kind: z.literal('command'), command: z.array(z.string()).min(1) }),
]);

/** One trial of an assignment. */
export const assignedTrialSchema = z.object({
  number: z.int().nonnegative(),
  /** The sweep's fixed parameters and the trial's own. */
  parameters: jsonObject,
  seed: z.int().nonnegative(),
  /**
   * Begin with the checkpoint of this trial of the sweep: its own after a pause or a lost attempt, or another's. A
   * checkpoint that an attempt of its own from `sinceAttempt` on has saved is newer than another trial's. Where there
   * is none, the trial begins anew. Absent: a first attempt begins anew, a later one with its own checkpoint.
   */
  checkpoint: z
    .object({ number: z.int().nonnegative(), sinceAttempt: z.int().positive().optional() })
    .optional(),
  /**
   * Train to this step: the trial is complete with the first checkpoint that it saves there or later, from which another
   * trial will go on. Absent: it trains to its end.
   */
  until: z.number().optional(),
});
export type AssignedTrial = z.infer<typeof assignedTrialSchema>;

/**
 * `assign.<pool>.<sweepId>`: a pack of trials for one free slot. Message id: `<trialId>:<attempt>:<time>` of its first
 * trial; the time makes a later publication of the same attempt another message.
 */
export const assignmentSchema = z.object({
  version,
  sweepId: token,
  trainable: trainableReferenceSchema,
  trials: z.array(assignedTrialSchema).min(1),
  /** Trials with equal keys may train together. Absent: it trains alone. */
  packKey: token.optional(),
  /** With `packKey`: no more trials of this key than these will come. Absent: as many as pay. */
  packMost: z.int().positive().optional(),
  /** Seconds; absent: no limit. */
  timeout: z.number().positive().optional(),
  /** Bytes; absent: no limit. */
  memoryLimit: z.number().positive().optional(),
});
export type Assignment = z.infer<typeof assignmentSchema>;

/**
 * `claim.<sweepId>`, request and reply: a worker asks before it starts an assignment, for the coordinator knows
 * what JetStream may have forgotten (acknowledgements do not survive a killed nats-server).
 */
export const claimSchema = z.object({
  version,
  workerId: token,
  sweepId: token,
  numbers: z.array(z.int().nonnegative()).min(1),
});
export type Claim = z.infer<typeof claimSchema>;

export const claimReplySchema = z.object({
  version,
  /** What to train, and as which attempt. Trials that are missing here are not wanted (finished, cancelled). */
  granted: z.array(z.object({ number: z.int().nonnegative(), attempt: z.int().positive() })),
  /** Trials that another worker is believed to run: ask again after this many milliseconds. */
  retryAfter: z.number().positive().optional(),
  /** The sweep has nothing for this worker for some time (quarantine): it is to take assignments less often. */
  unable: z.literal(true).optional(),
});
export type ClaimReply = z.infer<typeof claimReplySchema>;

const reportBase = {
  version,
  sweepId: token,
  number: z.int().nonnegative(),
  attempt: z.int().positive(),
  workerId: token,
  /** 0 is `started`, reports count from 1, the result has the last one. */
  sequence: z.int().nonnegative(),
  /** Milliseconds since the epoch, on the worker's clock. */
  at: z.number(),
  /** Lines that the attempt has logged since its last report. Absent: none. */
  log: z.array(z.string()).optional(),
};

/** What a worker says of an attempt. The last one of an attempt is its result. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({
    ...reportBase,
    kind: z.literal('started'),
    /** The trials that the worker was granted with it, its own included. Absent: it came alone. */
    pack: z.array(z.int().nonnegative()).optional(),
  }),
  z.object({ ...reportBase, kind: z.literal('metrics'), step: z.number(), metrics }),
  z.object({
    ...reportBase,
    kind: z.literal('completed'),
    metrics,
    details: z.json().optional(),
    /** Seconds a slot was taken, shared among the members of a pack. */
    slotSeconds: z.number().nonnegative(),
  }),
  z.object({
    ...reportBase,
    kind: z.literal('failed'),
    failure: failureSchema,
    slotSeconds: z.number().nonnegative(),
  }),
  /** Ended by a command of the coordinator (`stop`), with what it had reached. `paused`: its checkpoint is saved. */
  z.object({
    ...reportBase,
    kind: z.literal('stopped'),
    state: z.enum(['pruned', 'cancelled', 'paused']),
    reason: z.string().max(1024),
    slotSeconds: z.number().nonnegative(),
  }),
  /** Handed back unfinished, e.g. the worker drains. The trial is queued again. */
  z.object({
    ...reportBase,
    kind: z.literal('returned'),
    reason: z.string().max(1024),
    slotSeconds: z.number().nonnegative(),
  }),
]);
export type Report = z.infer<typeof reportSchema>;

/** `report.<sweepId>.<workerId>`: what a worker has to report of a sweep, in order; each entry is a `Report`. */
export const reportMessageSchema = z.object({ version, reports: z.array(z.unknown()).min(1) });

/** Key `<workerId>` in the KV bucket `fleet`, written every `heartbeatInterval` and on every change. */
export const workerStateSchema = z.object({
  version,
  workerId: token,
  host: z.string().max(256),
  pid: z.int(),
  pool: token,
  state: z.enum(['running', 'draining', 'stopped']),
  slots: z.int().positive(),
  backend: z.string().max(64),
  device: z.string().max(256),
  memoryBytes: z.number(),
  /** What it runs now. */
  running: z.array(z.object({ sweepId: token, number: z.int().nonnegative(), attempt: z.int().positive() })),
  /** Slots that are taken: a pack is one. Absent: as many as trials run. */
  busy: z.int().nonnegative().optional(),
  /** How many trials of a pack key pay to train together in one of its slots, where it has found out. */
  packs: z.array(z.object({ key: token, size: z.int().positive() })).optional(),
  startedAt: z.number(),
  at: z.number(),
});
export type WorkerState = z.infer<typeof workerStateSchema>;

/** `command.<workerId>`, request and reply. */
export const commandSchema = z.discriminatedUnion('kind', [
  z.object({
    version,
    kind: z.literal('stop'),
    sweepId: token,
    number: z.int().nonnegative(),
    attempt: z.int().positive(),
    state: z.enum(['pruned', 'cancelled', 'paused']),
    reason: z.string().max(1024),
  }),
  /** A worker answers it; no command of ours sends it yet. */
  z.object({ version, kind: z.literal('drain'), reason: z.string().max(1024) }),
]);
export type Command = z.infer<typeof commandSchema>;

/** `command.<workerId>`, request and reply, answered by the worker's bus: whether its connection stands. */
export const pingSchema = z.object({ version, kind: z.literal('ping') });
export type Ping = z.infer<typeof pingSchema>;

/** `control.<sweepId>`, request and reply: what a user's other process asks of the coordinator that runs the sweep. */
export const controlRequestSchema = z.object({
  version,
  /** Who asks, for the record. */
  by: z.string().max(256),
  action: sweepActionSchema,
});
export type ControlRequest = z.infer<typeof controlRequestSchema>;

export const controlReplySchema = z.object({
  version,
  /** What changed, or why nothing does. */
  message: z.string(),
  /** It was not carried out: what was asked for is wrong, or the sweep's state does not allow it. */
  refused: z.enum(['wrong', 'state']).optional(),
});
export type ControlReply = z.infer<typeof controlReplySchema>;

/** `submit`, request and reply: a sweep for the coordinator that stays. */
export const submitRequestSchema = z.object({
  version,
  by: z.string().max(256),
  /** The text of the sweep file. */
  source: z.string(),
  /** What relative paths in it start from. */
  baseDirectory: z.string().max(4096),
  again: z.boolean(),
});
export type SubmitRequest = z.infer<typeof submitRequestSchema>;

export const submitReplySchema = z.discriminatedUnion('accepted', [
  z.object({
    version,
    accepted: z.literal(true),
    sweepId: token,
    name: token,
    state: z.enum(['begins', 'goes on', 'runs already', 'finished']),
  }),
  z.object({ version, accepted: z.literal(false), message: z.string(), refused: z.enum(['wrong', 'state']) }),
]);
export type SubmitReply = z.infer<typeof submitReplySchema>;

export const commandReplySchema = z.object({
  version,
  accepted: z.boolean(),
  message: z.string().max(1024).optional(),
});
export type CommandReply = z.infer<typeof commandReplySchema>;
