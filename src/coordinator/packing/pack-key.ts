import { createHash } from 'node:crypto';
import { pbtOriginOf } from '../../sweep/pbt.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';
import { packVaries } from '../../sweep/trainables.js';

/** Characters of a key. */
export const keyLength = 16;

/** Which trials of a sweep may train together. */
export interface PackKeys {
  /** All trials of the sweep have the same key. */
  readonly isUniform: boolean;
  /** Trials with equal keys may train together. The same in every sweep and on every machine. */
  of(trial: Pick<Trial, 'parameters'>): string;
}

/** Undefined where the sweep's trials train alone. */
export function packKeysOf(definition: SweepDefinition): PackKeys | undefined {
  const varies = packVaries(definition);
  if (!varies) return undefined;
  const { fixed, space, trainable } = definition;
  return {
    isUniform: Object.keys(space).every((name) => varies.has(name)),
    of: ({ parameters }) => {
      const shared = Object.entries({ ...fixed, ...parameters })
        .filter(([name]) => !varies.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      return createHash('sha256')
        .update(JSON.stringify([trainable, shared]))
        .digest('hex')
        .slice(0, keyLength);
    },
  };
}

/** The same for trials that begin at the same step: from nothing, in a generation, or with a checkpoint of their own. */
export function beginningOf(trial: Pick<Trial, 'attempts' | 'origin'>): string {
  const { generation = 0 } = pbtOriginOf(trial) ?? {};
  return `${generation > 0 ? ` in generation ${generation}` : ''}${trial.attempts > 0 ? ' again' : ''}`;
}
