import type { SweepDefinition } from './sweep-definition.js';

/** What coordinator and workers both know of a built-in trainable. */
export interface BuiltinTrainable {
  /**
   * Parameters that enter training as one number a model: trials that differ in these alone, and in their seeds, may
   * train together as one pack.
   */
  readonly packVaries: readonly string[];
  /** The parameter that says which step is a whole training's last. */
  readonly steps?: string;
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
    steps: 'passes',
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
