import type { JsonValue } from './json.js';
import type { SweepDefinition } from './sweep-definition.js';
import { builtinTrainable } from './trainables.js';
import { TrialState, type Trial } from './trial.js';

/** What population-based training goes by (`search: { sampler: pbt, ... }`). Steps are those that the trainable reports. */
export interface PbtDefinition {
  /** Members that train side by side. @default 10 */
  readonly population: number;
  /** The last step of a whole training. @default what the fixed parameters say (har: `architecture` and `passes`) */
  readonly steps: number;
  /** After so many steps each member is judged. @default a tenth of `steps` */
  readonly interval: number;
  /** The worst part of the population, which gives way to copies of an equally large best part. @default 0.25 */
  readonly quantile: number;
  /** What a copy's numbers are multiplied by: one of the two at random for each. @default [0.8, 1.25] */
  readonly perturb: readonly [number, number];
  /** Probability that a copy's parameter is drawn anew from the space instead. @default 0.25 */
  readonly resample: number;
  /** Parameters that a copy keeps as they are: those that a checkpoint does not survive. @default [] */
  readonly keep: readonly string[];
}

/**
 * `Trial.origin` under `pbt`: one interval of one member's training. The trial begins with the checkpoint of another one
 * and hands on its own.
 */
export interface PbtOrigin {
  /** 0 .. population - 1. */
  readonly member: number;
  /** 0 for the first interval. */
  readonly generation: number;
  /** The trial whose checkpoint it begins with. Absent: it begins anew. */
  readonly from?: number;
  /** The step at which it hands on. Absent: it trains to its end. */
  readonly until?: number;
}

/** Which interval of which member a trial is; undefined: it is a training of its own. */
export function pbtOriginOf({ origin }: { readonly origin?: JsonValue }): PbtOrigin | undefined {
  if (typeof origin !== 'object' || origin === null || !('pbt' in origin)) return undefined;
  // Nobody but the sampler writes under this name.
  return origin['pbt'] as unknown as PbtOrigin;
}

/** Whether it is an interval from which others go on: what it came to is no result of a whole training. */
export function isInterval(trial: { readonly origin?: JsonValue }): boolean {
  return pbtOriginOf(trial)?.until !== undefined;
}

/**
 * Of a population's trials: the last interval that each member has completed, by number. Others are left out, but for
 * trials that are no interval at all.
 */
export function lastIntervals(trials: Iterable<Trial>): Trial[] {
  const last = new Map<number, { readonly trial: Trial; readonly generation: number }>();
  const others: Trial[] = [];
  for (const trial of trials) {
    const origin = pbtOriginOf(trial);
    if (!origin) others.push(trial);
    else if (
      trial.state === TrialState.Completed &&
      origin.generation >= (last.get(origin.member)?.generation ?? 0)
    )
      last.set(origin.member, { trial, generation: origin.generation });
  }
  return [...others, ...[...last.values()].map(({ trial }) => trial)].sort((a, b) => a.number - b.number);
}

/** Intervals of a whole training. */
export function generationsOf({ steps, interval }: Pick<PbtDefinition, 'steps' | 'interval'>): number {
  // Ten intervals of 0.1 are one step, whatever their sum is in binary.
  return Math.ceil(steps / interval - 1e-9);
}

/** Names of the searched parameters that may change while a member trains on: not kept, and known to be changeable. */
export function changeable({
  space,
  trainable,
  search,
}: Pick<SweepDefinition, 'space' | 'trainable' | 'search'>): string[] {
  const changes = builtinTrainable(trainable)?.packVaries;
  return Object.entries(space).flatMap(([name, { kind }]) =>
    kind === 'derived' || search.pbt?.keep.includes(name) || (changes && !changes.includes(name))
      ? []
      : [name],
  );
}
