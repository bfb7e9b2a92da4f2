import type { SweepRecord, SweepStore } from '../store/sweep-store.js';
import { didYouMean } from '../sweep/nearest.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../sweep/trial.js';
import { UsageError } from '../support/errors.js';
import type { EarlierSweep } from './search/warm/earlier-results.js';

/** Trials that are read of each, at most: the first ones. */
const mostTrials = 20_000;
const pageSize = 2_000;

/** The sweep that begins, or goes on; until it is stored, it has no record. */
type Present = Pick<SweepRecord, 'definition'> & Partial<Pick<SweepRecord, 'id' | 'createdAt'>>;

/**
 * The sweeps that `search.warmStart` names, by id or as the newest of that name that was begun before this one: so a
 * restart finds the same ones, and a sweep may name earlier ones of its own name.
 * @throws UsageError where there is none, where it runs (its results would change), or where it has not the same primary
 * objective
 */
export async function findEarlierSweeps(
  store: SweepStore,
  { definition, id, createdAt = Infinity }: Present,
): Promise<SweepRecord[]> {
  const { warmStart = [] } = definition.search;
  if (warmStart.length === 0) return [];
  const before = (await store.listSweeps()).filter(
    (sweep) => sweep.id !== id && sweep.createdAt <= createdAt,
  );
  return warmStart.map((reference) => {
    const found =
      before.find((sweep) => sweep.id === reference) ??
      before.find((sweep) => sweep.definition.name === reference);
    if (!found) {
      const names = [...new Set(before.map((sweep) => sweep.definition.name))];
      throw new UsageError(
        `search.warmStart: there is no earlier sweep "${reference}"${didYouMean(reference, names)}`,
      );
    }
    const problem = explain(definition, found);
    if (problem !== undefined)
      throw new UsageError(`search.warmStart: sweep ${reference} (${found.id}) ${problem}`);
    return found;
  });
}

function explain({ objectives }: SweepDefinition, earlier: SweepRecord): string | undefined {
  if (earlier.state === 'running') return 'is running; wait until it ends, or stop it';
  const [[metric = '', direction = ''] = []] = Object.entries(objectives);
  const then = Object.hasOwn(earlier.definition.objectives, metric)
    ? earlier.definition.objectives[metric]
    : undefined;
  if (then === direction) return undefined;
  return then === undefined
    ? `has no objective ${metric}, the primary one of this sweep; it has ${Object.keys(earlier.definition.objectives).join(', ')}`
    : `has the objective ${metric} to ${then}, and this sweep to ${direction}`;
}

/** Them with their completed trials. @throws UsageError as `findEarlierSweeps` */
export async function readEarlierSweeps(store: SweepStore, present: Present): Promise<EarlierSweep[]> {
  const sweeps: EarlierSweep[] = [];
  for (const { id, definition } of await findEarlierSweeps(store, present)) {
    const trials: Trial[] = [];
    const states = [TrialState.Completed];
    while (trials.length < mostTrials) {
      const page = await store.trials(id, { states, limit: pageSize, offset: trials.length });
      trials.push(...page);
      if (page.length < pageSize) break;
    }
    sweeps.push({ name: definition.name, definition, trials });
  }
  return sweeps;
}
