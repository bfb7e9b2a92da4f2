import type { z } from 'zod';
import { harMetrics, harParameters, harShape, memberParameters } from './har/parameters.js';
import type { JsonObject } from './json.js';
import type { SweepDefinition, TrainableReference } from './sweep-definition.js';

/** What coordinator and workers both know of a built-in trainable. */
export interface BuiltinTrainable {
  readonly name: string;
  /** What each parameter takes. */
  readonly parameters: Readonly<Record<string, z.ZodType>>;
  /** All parameters of a trial together. */
  readonly whole: z.ZodType;
  /** What trials report. */
  readonly metrics: readonly string[];
  /**
   * Parameters that enter training as one number a model: trials that differ in these alone, and in their seeds, may
   * train together as one pack.
   */
  readonly packVaries: readonly string[];
  /** The last step of a whole training, as far as the fixed parameters tell it. */
  steps(fixed: JsonObject): number | undefined;
}

const har: BuiltinTrainable = {
  name: 'har',
  parameters: harShape,
  whole: harParameters,
  metrics: harMetrics,
  packVaries: memberParameters,
  steps: ({ architecture, passes }) => {
    if (typeof passes !== 'number' || typeof architecture !== 'string') return undefined;
    // The first stage takes as many passes as are asked for, the second twice as many.
    return architecture === 'gru-two-stage' ? 3 * passes : passes;
  },
};

const builtinTrainables: readonly BuiltinTrainable[] = [har];

/** What `trainable: NAME` may say. */
export const builtinNames: readonly string[] = builtinTrainables.map(({ name }) => name);

/** Undefined for modules and programs, of which a coordinator knows nothing. */
export function builtinTrainable(trainable: TrainableReference): BuiltinTrainable | undefined {
  return trainable.kind === 'builtin'
    ? builtinTrainables.find(({ name }) => name === trainable.name)
    : undefined;
}

/**
 * What trials of this sweep may differ in and yet train together; undefined where they train alone: modules and
 * commands, and `workers.pack: off`.
 */
export function packVaries({
  trainable,
  workers,
}: Pick<SweepDefinition, 'trainable' | 'workers'>): ReadonlySet<string> | undefined {
  if (workers.pack === 'off' || workers.pack === 1) return undefined;
  const known = builtinTrainable(trainable);
  return known && new Set(known.packVaries);
}
