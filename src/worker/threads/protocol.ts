import type { MessagePort } from 'node:worker_threads';
import type { JsonValue } from '../../sweep/json.js';
import type { TrainableReference } from '../../sweep/sweep-definition.js';
import type { Failure, Metrics } from '../../sweep/trial.js';
import type { Checkpoint } from '../../messaging/checkpoints.js';
import type { AssignedTrial } from '../../messaging/messages.js';
import type { PackLimits } from '../packs/find-pack-size.js';
import type { TrainOptions } from '../trainables/trainable.js';

/** What agent and training threads say to each other, by structured clone. */

/** Every thread's `workerData`. */
export interface ThreadSettings {
  readonly options: TrainOptions;
  /** Nobody reads the log: it is not sent. */
  readonly silent: boolean;
  /** This worker may be asked to run modules: what reads them is loaded at start. */
  readonly modules: boolean;
}

/** A member of a pack, with what it goes on from. */
export interface TaskMember extends AssignedTrial {
  readonly resume?: Checkpoint;
}

/** What a member is asked to do, in shared memory. */
export const MemberFlag = {
  Train: 0,
  /** End at once. */
  Abort: 1,
  /** End with a checkpoint, where it makes any. */
  Leave: 2,
} as const;

/** What is known of packs like this one. */
export type Packing =
  | { readonly size: number }
  /** To be found out, within these limits. */
  | { readonly limits: PackLimits };

/** One pack for one thread. */
export interface ThreadTask {
  readonly id: number;
  readonly sweepId: string;
  readonly trainable: TrainableReference;
  readonly members: readonly TaskMember[];
  /**
   * One word a member (`MemberFlag`). Shared memory and not a message, so that a training loop that never yields to its
   * event loop sees it too.
   */
  readonly flags: Int32Array;
  /**
   * One word: how many reports and lines of log the task may have sent by now. Where it has sent more the thread
   * waits, so that a trainable that reports without end floods neither the agent nor the memory.
   */
  readonly allowance: Int32Array;
  /** How many of its members may train together. Absent: all. */
  readonly packing?: Packing;
  /** What it may take, at most. */
  readonly memoryBytes?: number;
  /** Says every second what it takes; a busy thread says it with its reports. */
  readonly watchMemory: boolean;
}

export type MemberEnd =
  | { readonly kind: 'completed'; readonly metrics: Metrics; readonly details?: JsonValue }
  /** Complete, and another trial goes on from the checkpoint that it has made last. */
  | { readonly kind: 'handed-on'; readonly metrics: Metrics }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Its signal aborted, and it ended without a result of its own. */
  | { readonly kind: 'aborted' };

export interface EndedMember {
  readonly number: number;
  readonly end: MemberEnd;
}

/** What a thread's task resolves with. */
export interface TaskReturn {
  /** How many `TaskMessage`s it sent: they travel on another port and may arrive later than this. */
  readonly sent: number;
  /** Members whose end was not sent as a message. */
  readonly ended: readonly EndedMember[];
}

/** From a thread about the task that it runs. */
export type TaskMessage = { readonly task: number } & (
  | { readonly kind: 'report'; readonly number: number; readonly step: number; readonly metrics: Metrics }
  | ({ readonly kind: 'checkpoint'; readonly number: number } & Omit<Checkpoint, 'attempt'>)
  | ({ readonly kind: 'ended' } & EndedMember)
  | { readonly kind: 'log'; readonly text: string }
  /** What was found out: see `Packing`. */
  | { readonly kind: 'pack-size'; readonly size: number }
  /** Bytes of its heap and of what hangs on it, WebAssembly memory included. */
  | { readonly kind: 'memory'; readonly bytes: number }
  /** A child process, leader of its own process group, has started or ended. */
  | { readonly kind: 'child'; readonly pid: number; readonly running: boolean }
);

/** From a thread about data that all threads share. */
export type SharedDataMessage =
  | { readonly kind: 'shared-wanted'; readonly key: string }
  | { readonly kind: 'shared-loaded'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'shared-failed'; readonly key: string }
  /** Its task is over: it holds none of the values any more. */
  | { readonly kind: 'shared-released' };

export type ThreadMessage = TaskMessage | SharedDataMessage;

export type AgentMessage =
  /** Look at the flags. */
  | { readonly kind: 'wake' }
  /** You are the one to load it. */
  | { readonly kind: 'shared-load'; readonly key: string }
  | { readonly kind: 'shared-value'; readonly key: string; readonly value: unknown };

/** What trains the built-in trainables on this machine, once it has passed its self-test. */
export interface BackendDescription {
  readonly name: string;
  /** What computes, and with which kernels. */
  readonly device: string;
}

/** A thread's first word, on its parent port: the port on which everything else travels. */
export interface ThreadHello {
  readonly kind: 'hello';
  readonly port: MessagePort;
}
