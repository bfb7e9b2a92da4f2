import type { JsonObject } from './json.js';
import type { Parameter, Parameters } from './parameter.js';
import type { PbtDefinition } from './pbt.js';

/** What is trained. */
export type TrainableReference =
  | { readonly kind: 'builtin'; readonly name: string }
  /** A TypeScript or JavaScript module, as an absolute path, whose default export is the objective or trainable. */
  | { readonly kind: 'module'; readonly path: string }
  /** A program and its arguments; `{name}` in an argument is replaced by the parameter. Never a shell. */
  | { readonly kind: 'command'; readonly command: readonly string[] };

export const Direction = { Maximize: 'maximize', Minimize: 'minimize' } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/**
 * A sweep, checked and with every default filled in: what `readDefinition` makes of a `sweep.yaml`, what the store
 * keeps and what a restart goes on with. Plain JSON; expressions stay text. Durations are in seconds, memory in bytes.
 */
export interface SweepDefinition {
  /** Letters, digits, `-`, `_`; at most 64 characters. */
  readonly name: string;
  readonly trainable: TrainableReference;
  /** Parameters that every trial has alike. They may be any JSON. */
  readonly fixed: JsonObject;
  /** In an order in which every parameter comes after those that its expressions name. */
  readonly space: Readonly<Record<string, Parameter>>;
  /** Expressions over parameters. A configuration for which one is false is never proposed. */
  readonly constraints: readonly string[];
  /** By metric. The first is the primary one: `best` ranks by it where nothing else is asked for. */
  readonly objectives: Readonly<Record<string, Direction>>;
  /** Expressions over metrics and parameters. Results for which all are true (feasible) are preferred. */
  readonly limits: readonly string[];
  readonly search: SearchDefinition;
  /** Trials for each configuration, which differ in their seed alone; the fewest where `maxReplicates` is given. @default 1 */
  readonly replicates: number;
  /** Contenders for the best get more trials, up to so many. Absent: all configurations get `replicates`. */
  readonly maxReplicates?: number;
  /** Absent: every trial runs to its end. */
  readonly pruner?: PrunerDefinition;
  readonly budget: BudgetDefinition;
  readonly trial: TrialDefinition;
  readonly workers: WorkersDefinition;
}

export interface SearchDefinition {
  /** @default 'auto' */
  readonly sampler: string;
  /** How many trials the sweep has at most, replicates counted one by one. Absent: until the space or a budget ends it. */
  readonly trials?: number;
  /** @default 1 */
  readonly seed: number;
  /** Configurations to try first, in this order. Parameters left out are filled in by the sampler. @default [] */
  readonly startWith: readonly Parameters[];
  /** Whether the search ends when its results say that no more gain is likely. @default false */
  readonly stopWhenDone?: boolean;
  /** Names or ids of stored sweeps of a similar space, whose results the search begins with. */
  readonly warmStart?: readonly string[];
  /** With the sampler `pbt`, and only then. */
  readonly pbt?: PbtDefinition;
}

/** A metric that trials are judged by while they run. */
export interface JudgedMetric {
  readonly name: string;
  readonly direction: Direction;
}

/** What stops trials early. Steps are those that the trainable reports, e.g. epochs. */
export type PrunerDefinition =
  | HalvingDefinition
  | ForecastDefinition
  | PercentileDefinition
  | ThresholdDefinition
  | PatienceDefinition
  | WilcoxonDefinition;

/** Successive halving (`asha`), or several of them that begin at different steps (`hyperband`). */
export interface HalvingDefinition {
  readonly type: 'asha' | 'hyperband';
  /** Several: trials are ranked by non-domination. @default the first objective */
  readonly metrics: readonly JudgedMetric[];
  /** The step of the first rung. @default 1 */
  readonly min: number;
  /** The last step of a whole trial: no rung is there or beyond. `hyperband` needs it. */
  readonly max?: number;
  /** One in so many goes on from each rung to the next, which is so many times further. Above 1. @default 3 */
  readonly reduction: number;
  /** Those that do not go on are paused, and go on later when they are among the best after all. @default false */
  readonly resume: boolean;
}

/** Goes on with what promises most by a model of all curves, and pauses the rest. */
export interface ForecastDefinition {
  readonly type: 'forecast';
  readonly metric: JudgedMetric;
  /** The step at which trials are judged first. @default max / 27, at least 1 */
  readonly min: number;
  /** The last step of a whole trial. */
  readonly max: number;
  /** Trials are judged again each time they have come so many times further. Above 1. @default 3 */
  readonly reduction: number;
}

/** Stops what is worse than this percentile of the completed trials at the same step; `median`: the fiftieth. */
export interface PercentileDefinition {
  readonly type: 'median' | 'percentile';
  readonly metric: JudgedMetric;
  /** How many in a hundred go on. @default 50 for `median` */
  readonly percentile: number;
  /** Completed trials before anything is stopped. @default 5 */
  readonly startup: number;
  /** No trial is stopped before this step. @default 0 */
  readonly warmup: number;
}

/** Stops what leaves a range. */
export interface ThresholdDefinition {
  readonly type: 'threshold';
  readonly metric: string;
  /** At least one of the two. */
  readonly lower?: number;
  readonly upper?: number;
  /** @default 0 */
  readonly warmup: number;
}

/** Ends what has not improved for long; what it has reached is its result. */
export interface PatienceDefinition {
  readonly type: 'patience';
  readonly metric: JudgedMetric;
  /** Steps without an improvement. */
  readonly patience: number;
  /** What counts as one: better than the best before by more than this. @default 0 */
  readonly delta: number;
  /** @default 0 */
  readonly warmup: number;
}

/** Stops the replicates of a configuration whose earlier ones are worse than those of the best one, by a rank test. */
export interface WilcoxonDefinition {
  readonly type: 'wilcoxon';
  readonly metric: JudgedMetric;
  /** Chance of stopping a configuration that is as good. @default 0.1 */
  readonly p: number;
}

/** What ends a sweep before its trials do. Running trials are stopped when time, GPU-hours or money end. */
export interface BudgetDefinition {
  /** Seconds from the sweep's first start, time in which no coordinator ran left out. */
  readonly time?: number;
  /** Summed over the slots that trained, in hours. */
  readonly gpuHours?: number;
  /** In the currency of `pricePerGpuHour`. */
  readonly cost?: number;
  readonly pricePerGpuHour?: number;
  /** Expression over metrics and parameters: the sweep ends when a completed trial makes it true. */
  readonly until?: string;
}

export interface TrialDefinition {
  /** Seconds one attempt may take. */
  readonly timeout?: number;
  /** Bytes one attempt may take. */
  readonly memoryLimit?: number;
  /** New attempts after failures that another attempt may not have (crash, memory, hang, lost worker). @default 2 */
  readonly retries: number;
}

export interface WorkersDefinition {
  /** Workers of this pool take the trials. @default 'default' */
  readonly pool: string;
  /** Trials that run at once, at most. @default as many as there are slots */
  readonly concurrency?: number;
  /**
   * How many trials train together as one program: as many as pay on the worker (found out by trying), none, or so many
   * at most. @default 'auto'
   */
  readonly pack: 'auto' | 'off' | number;
}
