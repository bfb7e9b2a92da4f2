import { protocolVersion, type AssignedTrial, type Assignment } from '../../messaging/messages.js';
import type { SweepRecord } from '../../store/sweep-store.js';
import { pbtOriginOf } from '../../sweep/pbt.js';
import type { Trial } from '../../sweep/trial.js';
import type { PackKeys } from '../packing/pack-key.js';
import type { ActiveTrial } from './trial-book.js';

/**
 * The message that hands a pack to a worker. Pure.
 * @param first of the pack
 * @param keys absent: every trial trains alone
 */
export function assignmentOf(
  { id, definition }: Pick<SweepRecord, 'id' | 'definition'>,
  pack: readonly ActiveTrial[],
  first: ActiveTrial,
  keys: PackKeys | undefined,
): Assignment {
  const { timeout, memoryLimit } = definition.trial;
  return {
    version: protocolVersion,
    sweepId: id,
    trainable: trainableMessage(definition.trainable),
    trials: pack.map(({ trial }) => ({
      number: trial.number,
      seed: trial.seed,
      // The same JSON; the schema's type alone has no readonly arrays.
      parameters: { ...definition.fixed, ...trial.parameters } as AssignedTrial['parameters'],
      ...partOf(trial),
    })),
    // What a worker needs to find out how many such trials pay; nothing where the sweep says how many.
    ...(keys && definition.workers.pack === 'auto' ? packing(keys, pack, first) : {}),
    ...(timeout === undefined ? {} : { timeout }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  };
}

/** What a trial that is an interval of a longer training begins with, and where it ends. */
function partOf(trial: Trial): Pick<AssignedTrial, 'checkpoint' | 'until'> {
  const { from, until } = pbtOriginOf(trial) ?? {};
  return {
    ...(from === undefined ? {} : { checkpoint: { number: from, sinceAttempt: 1 } }),
    ...(until === undefined ? {} : { until }),
  };
}

function packing(
  keys: PackKeys,
  pack: readonly ActiveTrial[],
  { trial }: ActiveTrial,
): Pick<Assignment, 'packKey' | 'packMost'> {
  const packKey = keys.of(trial);
  return keys.isUniform ? { packKey } : { packKey, packMost: Math.max(pack.length, 2) };
}

function trainableMessage(trainable: SweepRecord['definition']['trainable']): Assignment['trainable'] {
  return trainable.kind === 'command' ? { ...trainable, command: [...trainable.command] } : trainable;
}
