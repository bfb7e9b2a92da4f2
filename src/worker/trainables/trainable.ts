import type { ZodType } from 'zod';
import type { JsonObject, JsonValue } from '../../sweep/json.js';
import type { Random } from '../../sweep/random.js';
import type { Metrics } from '../../sweep/trial.js';
import type { PackTry } from '../packs/find-pack-size.js';

/** What can be trained. `har`, modules and commands all implement this and nothing more. */
export interface Trainable<P> {
  /** Checks and fills in what a trial's parameters (fixed and searched together) leave out. */
  readonly parameters: ZodType<P>;
  /**
   * Trials with equal keys can train together as one pack. Absent or undefined: each alone. The coordinator packs trials
   * of built-in trainables only, by what `src/sweep/trainables.ts` says of them; those of a module come one by one.
   */
  packKey?(parameters: P): string | undefined;
  /**
   * Trains so many such trials together for a moment, to find out how many of them pay. Absent or undefined: not worth
   * finding out, packs are trained as they come.
   */
  tryPack?(parameters: P, size: number, context: TrainContext): Promise<PackTry | undefined>;
  /**
   * Trains every member of the pack. Resolves when all have ended: a member for which neither `complete` nor `fail`
   * was called is complete with what it reported last. A rejection fails those that have not ended.
   */
  train(pack: Pack<P>, context: TrainContext): Promise<void>;
}

/** Trials that train together in one slot; often one alone. */
export interface Pack<P> {
  readonly members: readonly PackMember<P>[];
}

export interface PackMember<P> {
  /** The trial's number within its sweep. */
  readonly number: number;
  readonly parameters: P;
  /** 32 bits, unsigned: replicates differ in it. */
  readonly seed: number;
  /** Random numbers from `seed`. */
  readonly random: Random;
  /** Aborts when this trial is to stop (pruned, cancelled, drained, out of time): return soon, report no more. */
  readonly signal: AbortSignal;
  /** Where an earlier attempt was, or another trial from which this one goes on. Absent: it begins anew. */
  readonly checkpoint?: SavedState;
}

/** What `TrainContext.checkpoint` was given. */
export interface SavedState {
  /** The last step that is in it: reports go on after it. */
  readonly step: number;
  readonly state: Uint8Array;
}

export interface TrainContext {
  /** One point of a member's curves. Steps ascend. A metric that is not finite fails the member (class `trial`). */
  report(member: PackMember<unknown>, step: number, metrics: Metrics): void;
  /** The member's result. Metrics are added to, and replace, what was reported last. */
  complete(member: PackMember<unknown>, metrics: Metrics, details?: JsonValue): void;
  /** Ends a member as failed. `TrialError`: the configuration is bad. Anything else: crash. */
  fail(member: PackMember<unknown>, error: unknown): void;
  /**
   * Keeps what this member needs to go on after `step`, in place of what was kept before. It is saved while training
   * goes on. A member that was asked to pause or to go back to the queue ends with it: its signal aborts.
   */
  checkpoint(member: PackMember<unknown>, step: number, state: Uint8Array): void;
  /**
   * Whether a checkpoint is due: by time, or because the member is to pause or to go back to the queue. Who asks this
   * regularly, about once a pass, is not stopped in those two cases before it has saved (or the worker's grace is
   * over); who never asks is stopped at once, and goes on from an earlier checkpoint or begins anew.
   */
  checkpointDue(member: PackMember<unknown>): boolean;
  /**
   * Data that all threads of this process share. The first to ask for a key loads it, in its own thread; the others
   * wait and get the same memory. The value must be plain data in which large arrays sit on SharedArrayBuffers.
   */
  shared<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Bytes that a pack may take here, at most. Absent: nobody has said. */
  readonly memoryBytes?: number;
  /** One line that is kept with the attempts that train now (32,000 characters of each), and to the worker's log. */
  log(message: string): void;
  readonly options: TrainOptions;
}

/** What the worker's own flags say. */
export interface TrainOptions {
  /** `auto`, or the name of a training backend. */
  readonly backend: string;
  /** `auto`, or the name of recurrent kernels (`--kernels`). */
  readonly kernels: string;
  /** Where data sets are, if the user said so (`--data`, `SWEEPYARD_DATA`). */
  readonly dataPath?: string;
  readonly cacheDirectory: string;
  /** Milliseconds of training between two checkpoints. @default 30 000 */
  readonly checkpointEvery?: number;
}

/** The configuration itself is bad: no other attempt will do better. */
export class TrialError extends Error {
  override readonly name = 'TrialError';
}

/** It takes more memory than it may, here: fails with class `memory`. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** This machine can't train this at all, another may: missing data, a backend that does not work, not allowed. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** The parameters of one trial as they arrive, before `Trainable.parameters` has checked them. */
export type RawParameters = JsonObject;
