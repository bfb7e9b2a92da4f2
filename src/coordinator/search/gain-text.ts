import type { SweepRecord } from '../../store/sweep-store.js';
import { compileSpace } from '../../sweep/space.js';
import { amended } from '../../sweep/steering/amendments.js';
import type { Trial } from '../../sweep/trial.js';
import { gainLeft } from './gp/gain-left.js';

/** Of more configurations the answer would take too long for a command that only shows something. */
export const mostForGainText = 300;

/**
 * What a sweep may still gain, in one line; undefined where that can't be told: few results, several objectives, or too
 * many configurations to ask in passing. Takes about 0.2 s.
 */
export function gainText(
  { definition, amendments = {} }: Pick<SweepRecord, 'definition' | 'amendments'>,
  trials: readonly Trial[],
): string | undefined {
  const configurations = new Set(trials.map(({ configuration }) => configuration)).size;
  if (configurations > mostForGainText) return undefined;
  const present = amended(definition, amendments);
  return gainLeft(present, compileSpace(present), { trials, configurations })?.reason;
}
