import type { JsonObject } from './json.js';
import type { SweepDefinition } from './sweep-definition.js';

/** What coordinator and workers both know of a built-in trainable. */
export interface BuiltinTrainable {
  /**
   * Parameters that enter training as one number a model: trials that differ in these alone, and in their seeds, may
   * train together as one pack.
   */
  readonly packVaries: readonly string[];
  /** The last step of a whole training, as far as the fixed parameters tell it. */
  steps?(fixed: JsonObject): number | undefined;
}

export const builtinTrainables: Readonly<Record<string, BuiltinTrainable>> = {
  har: {
    packVaries: [
      'lr',
      'l2',
      'dropout',
      'dropout2',
      'momentum',
      'decay',
      'beta1',
      'beta2',
      'epsilon',
      'weightDecay',
    ],
    steps: ({ architecture, passes }) => {
      if (typeof passes !== 'number' || typeof architecture !== 'string') return undefined;
      // The first stage takes as many passes as are asked for, the second twice as many.
      return architecture === 'gru-two-stage' ? 3 * passes : passes;
    },
  },
};

/**
 * What trials of this sweep may differ in and yet train together; undefined where they train alone: modules and
 * commands, of which a coordinator knows nothing, and `workers.pack: off`.
 */
export function packVaries({
  trainable,
  workers,
}: Pick<SweepDefinition, 'trainable' | 'workers'>): ReadonlySet<string> | undefined {
  if (workers.pack === 'off' || workers.pack === 1 || trainable.kind !== 'builtin') return undefined;
  const known = Object.hasOwn(builtinTrainables, trainable.name)
    ? builtinTrainables[trainable.name]
    : undefined;
  return known && new Set(known.packVaries);
}
