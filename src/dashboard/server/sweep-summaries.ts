import { rankMembers } from '../../analysis/ranking.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { plannedTrials } from '../../sweep/samplers.js';
import { compileSpace } from '../../sweep/space.js';
import { terminalStates, type TrialState } from '../../sweep/trial.js';
import type { BestSummary, SweepSummary } from '../api.js';
import { selectsOnTest, shownOf, trainableName } from './views.js';

/** Ranking all trials may take this share of the time at most. */
const rankingShare = 0.05;

interface Known {
  readonly planned: number | undefined;
  /** What `best` was found among: it can only change with these. */
  completed: number;
  best: BestSummary | undefined;
  /** Not ranked again before this time. */
  rankAfter: number;
}

/** The list of sweeps, with what was found out before kept: it is asked for again and again. */
export class SweepSummaries {
  readonly #known = new Map<string, Known>();

  constructor(private readonly store: SweepStore) {}

  /** Newest first. */
  async list(): Promise<SweepSummary[]> {
    const records = await this.store.listSweeps();
    const summaries: SweepSummary[] = [];
    // One after the other: a burst of questions would hold up the coordinator that writes to the same store.
    for (const record of records) summaries.push(await this.#summary(record));
    return summaries;
  }

  async #summary(record: SweepRecord): Promise<SweepSummary> {
    const { id, definition, state, createdAt, finishedAt } = record;
    const counts = await this.store.countTrials(id);
    const { planned, best } = await this.#findOut(record, counts.completed);
    const [metric = '', direction = 'maximize'] = Object.entries(definition.objectives)[0] ?? [];
    const known = shownOf(record);
    return {
      id,
      name: definition.name,
      state,
      ...known,
      createdAt,
      ...(finishedAt !== undefined && { finishedAt }),
      trainable: trainableName(definition),
      objective: { metric, direction },
      counts,
      ...(planned !== undefined && { planned }),
      ...(best && { best }),
      ...costOf(record),
      ...(known.shown === 'running' && timeLeft(record, counts, planned)),
      selectsOnTest: selectsOnTest(definition),
    };
  }

  async #findOut(record: SweepRecord, completed: number): Promise<Known> {
    const known = this.#known.get(record.id) ?? {
      planned: plannedTrials(record.definition, compileSpace(record.definition)),
      completed: 0,
      best: undefined,
      rankAfter: 0,
    };
    this.#known.set(record.id, known);
    const begin = Date.now();
    // A sweep that ends is ranked once more at once: what is shown then stays.
    if (completed === known.completed || (begin < known.rankAfter && record.state === 'running'))
      return known;
    known.best = await this.#best(record);
    known.completed = completed;
    known.rankAfter = Date.now() + (Date.now() - begin) / rankingShare;
    return known;
  }

  async #best({ id, definition }: SweepRecord): Promise<BestSummary | undefined> {
    const [primary] = Object.entries(definition.objectives);
    if (!primary) return undefined;
    const [metric, direction] = primary;
    // One trial a configuration and no limits: the store's index knows the best one.
    const single =
      (definition.maxReplicates ?? definition.replicates) === 1 &&
      definition.limits.length === 0 &&
      !definition.search.pbt;
    const trials = await this.store.trials(id, {
      states: ['completed'],
      ...(single && {
        orderBy: { metric, direction: direction === 'maximize' ? 'descending' : 'ascending' },
        limit: 1,
      }),
    });
    const [best] = rankMembers(definition, trials).rows;
    const value = best?.metrics[metric]?.mean;
    if (!best || value === undefined) return undefined;
    return {
      value,
      replicates: best.trials.length,
      parameters: best.parameters,
      feasible: best.broken.length === 0,
    };
  }
}

function costOf({ definition, usage }: SweepRecord): Pick<SweepSummary, 'cost'> {
  const price = definition.budget.pricePerGpuHour;
  return price === undefined ? {} : { cost: (price * usage.slotSeconds) / 3600 };
}

/** By the time that its trials have taken so far. */
function timeLeft(
  { usage }: SweepRecord,
  counts: Readonly<Record<TrialState, number>>,
  planned: number | undefined,
): Pick<SweepSummary, 'secondsLeft'> {
  const done = terminalStates.reduce((sum, each) => sum + counts[each], 0);
  if (planned === undefined || done === 0 || usage.seconds === 0) return {};
  return { secondsLeft: Math.round((Math.max(0, planned - done) * usage.seconds) / done) };
}
