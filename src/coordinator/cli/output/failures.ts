import type { SweepStore } from '../../../store/sweep-store.js';
import { allTrials } from './stored-sweep.js';
import { oneLine } from './trial-view.js';

/** Failed trials of one class. */
export interface FailureGroup {
  readonly class: string;
  readonly count: number;
  /** The message of one of them. */
  readonly example: string;
}

/** The failed trials of a sweep by class, in the order in which the classes first came. */
export async function failureGroups(store: SweepStore, sweepId: string): Promise<readonly FailureGroup[]> {
  const groups = new Map<string, FailureGroup>();
  for (const { failure } of await allTrials(store, sweepId, { states: ['failed'] })) {
    if (!failure) continue;
    const { example, count } = groups.get(failure.class) ?? { example: failure.message, count: 0 };
    groups.set(failure.class, { class: failure.class, example, count: count + 1 });
  }
  return [...groups.values()];
}

/** Characters of an example: a message may hold the whole output of a program. `coordinator trial` shows all of it. */
const mostOfExample = 200;

/** E.g. `2 by trial, e.g. the loss is no number any more after pass 5 of 12 (lr 0.02)`. */
export function failureText({ class: kind, count, example }: FailureGroup): string {
  const text = oneLine(example);
  const shown = text.length > mostOfExample ? `${text.slice(0, mostOfExample)} ...` : text;
  return `${count} by ${kind}, e.g. ${shown}`;
}
