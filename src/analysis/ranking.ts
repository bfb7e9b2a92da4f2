import { compileLimits } from '../sweep/limits.js';
import { compareValues, configurationResults, type ConfigurationResult } from '../sweep/objective.js';
import { paretoFront } from '../sweep/pareto.js';
import { lastIntervals } from '../sweep/pbt.js';
import { Direction, type SweepDefinition } from '../sweep/sweep-definition.js';
import type { Trial } from '../sweep/trial.js';
import { formatNumber } from '../sweep/units.js';
import { certainty, prospects, type Prospect, type Prospects } from './best.js';

/** A configuration and its place among the others. */
export interface RankedConfiguration extends ConfigurationResult {
  /** From 1; equal results share a rank. */
  readonly rank: number;
  /** Another configuration has exactly the same place. */
  readonly tied: boolean;
  /** The replicates do not tell it from the best one: it is better than that with 5% or more. */
  readonly nearBest: boolean;
  /** No other feasible configuration beats it in every objective. */
  readonly pareto: boolean;
  /** Absent where nothing is known of the noise (no configuration has two replicates), or without the metric. */
  readonly prospect?: Prospect;
}

/** How sure the first place is. */
export interface Leaders {
  /** Configurations that hold the best with `certainty` together, most probable first. One alone: it is told apart. */
  readonly configurations: readonly number[];
  /** That the first of them, the most probable, is the best. */
  readonly probability: number;
  /** Seeds that it and the next one would each need to be told apart; absent where they are, or beyond a thousand. */
  readonly seedsNeeded?: number;
}

export interface Ranking {
  /** The metric that ranks. */
  readonly by: string;
  readonly rows: readonly RankedConfiguration[];
  /** Absent where nothing is known of the noise, or nothing was completed. */
  readonly leaders?: Leaders;
}

/** The objective that ranks where nothing else is asked for. */
export function primaryObjective({ objectives }: Pick<SweepDefinition, 'objectives'>): string {
  return Object.keys(objectives)[0] ?? '';
}

/**
 * The configurations of a sweep, best first by one objective (the primary one where `by` is not given): feasible ones
 * first, then by posterior mean (`PosteriorModel`), by plain means where nothing is known of the noise. Those without
 * the metric come last. Trials that are not completed do not count.
 */
export function rankSweep(
  definition: SweepDefinition,
  trials: Iterable<Trial>,
  by: string = primaryObjective(definition),
): Ranking {
  const results = configurationResults(trials, compileLimits(definition));
  const direction = definition.objectives[by] ?? Direction.Maximize;
  const measured = results.filter(({ metrics }) => metrics[by] !== undefined);
  const anyFeasible = measured.some(isFeasible);
  const found = prospects(
    measured.flatMap(({ metrics }) => metrics[by] ?? []),
    direction,
    (index) => !anyFeasible || measured[index]?.broken.length === 0,
  );
  const prospectOf = new Map(measured.map((result, index) => [result, found?.each[index]]));
  const score = (result: ConfigurationResult): number | undefined => {
    const mean = prospectOf.get(result)?.posterior.mean ?? result.metrics[by]?.mean;
    return mean === undefined ? undefined : Number(mean.toPrecision(12));
  };
  const compare = (a: ConfigurationResult, b: ConfigurationResult): number =>
    Number(!isFeasible(a)) - Number(!isFeasible(b)) || compareValues(score(a), score(b), direction);
  const sorted = [...results].sort((a, b) => compare(a, b) || a.configuration - b.configuration);
  const front = frontOf(definition, results);
  const rows: RankedConfiguration[] = [];
  sorted.forEach((result, index) => {
    const before = sorted[index - 1];
    const after = sorted[index + 1];
    const tiedBefore = before !== undefined && compare(before, result) === 0;
    const prospect = prospectOf.get(result);
    rows.push({
      ...result,
      rank: tiedBefore ? (rows[index - 1]?.rank ?? index) : index + 1,
      tied: tiedBefore || (after !== undefined && compare(result, after) === 0),
      nearBest: (prospect?.probabilityBetter ?? 0) >= 1 - certainty,
      pareto: front.has(result.configuration),
      ...(prospect ? { prospect } : {}),
    });
  });
  return { by, rows, ...(found && measured.length > 0 ? { leaders: leadersOf(found, measured, by) } : {}) };
}

/**
 * `rankSweep`, but of a population (`pbt`) each member once, at the last interval that it has completed: what came before
 * it is the way there, and its checkpoint is gone. `pareto` says what it says among all trials.
 */
export function rankMembers(
  definition: SweepDefinition,
  trials: Iterable<Trial>,
  by: string = primaryObjective(definition),
): Ranking {
  if (!definition.search.pbt) return rankSweep(definition, trials, by);
  const all = [...trials];
  const front = frontOf(definition, configurationResults(all, compileLimits(definition)));
  const ranking = rankSweep(definition, lastIntervals(all), by);
  const rows = ranking.rows.map((row) => ({ ...row, pareto: front.has(row.configuration) }));
  return { ...ranking, rows };
}

/** What `rankMembers` left out; undefined where that is nothing. */
export function intervalsText(
  definition: SweepDefinition,
  trials: readonly Trial[],
  { rows, by }: Ranking,
): string | undefined {
  const all = rankSweep(definition, trials, by).rows;
  if (all.length <= rows.length) return undefined;
  const members = `${rows.length} ${rows.length === 1 ? 'member' : 'members'}`;
  const left = `${members}, each at the last interval that it has completed (coordinator trials lists all ${all.length}).`;
  const [best] = all;
  const value = best?.metrics[by]?.mean;
  if (!best || value === undefined || rows.some(({ configuration }) => configuration === best.configuration))
    return left;
  return `${left} Better than these was an earlier interval, trial ${best.trials[0]?.number ?? 0} with ${by} ${formatNumber(value)}.`;
}

export function isFeasible({ broken }: Pick<ConfigurationResult, 'broken'>): boolean {
  return broken.length === 0;
}

/** Numbers of the feasible configurations whose means no other feasible one's beat in every objective. */
function frontOf(definition: SweepDefinition, results: readonly ConfigurationResult[]): ReadonlySet<number> {
  const objectives = Object.entries(definition.objectives);
  const feasible = results.filter(isFeasible);
  const front = paretoFront(
    feasible.map(({ metrics }) => objectives.map(([name]) => metrics[name]?.mean)),
    objectives.map(([, direction]) => direction),
  );
  return new Set(front.flatMap((index) => feasible[index]?.configuration ?? []));
}

const mostSeeds = 1000;
/** Quantile of the normal distribution at `certainty`. */
const oneSided = 1.645;

function leadersOf(found: Prospects, measured: readonly ConfigurationResult[], by: string): Leaders {
  const configurations = found.leaders.map((index) => measured[index]?.configuration ?? 0);
  const [first, second] = found.leaders;
  const probability = found.each[first ?? 0]?.probabilityBest ?? 0;
  if (first === undefined || second === undefined) return { configurations, probability };
  const value = (index: number): number => measured[index]?.metrics[by]?.mean ?? NaN;
  const noise = Math.hypot(found.each[first]?.noise ?? 0, found.each[second]?.noise ?? 0);
  const seeds = Math.ceil(((noise * oneSided) / (value(first) - value(second))) ** 2);
  return { configurations, probability, ...(seeds > 0 && seeds <= mostSeeds ? { seedsNeeded: seeds } : {}) };
}

/** How sure the first place is, in one sentence; undefined where there is nothing to choose between. */
export function leadersText({ rows, leaders, by }: Ranking): string | undefined {
  const rivals = rows.filter((row) => row.metrics[by] !== undefined && isFeasible(row));
  if (rivals.length < 2) return undefined;
  if (!leaders) {
    return `One seed each: the noise of ${by} is unknown, so the order may be luck (replicates: 3 would tell).`;
  }
  const trialOf = (configuration: number): number =>
    rows.find((row) => row.configuration === configuration)?.trials[0]?.number ?? 0;
  const [first = 0, ...others] = leaders.configurations;
  const percent = percentText(leaders.probability);
  if (others.length === 0) return `Trial ${trialOf(first)} is the best with ${percent}.`;
  const shown = leaders.configurations.slice(0, 8).map(trialOf).join(', ');
  const more = leaders.configurations.length > 8 ? ', ...' : '';
  const needed =
    leaders.seedsNeeded === undefined
      ? ''
      : ` About ${leaders.seedsNeeded} seeds each would tell the first two apart.`;
  return (
    `${leaders.configurations.length} configurations can't be told apart (trials ${shown}${more}): ` +
    `each may be the best, trial ${trialOf(first)} with ${percent}.${needed}`
  );
}

/** `97%`, `<1%`, `>99%`. */
export function percentText(probability: number): string {
  const percent = Math.round(probability * 100);
  if (percent === 0 && probability > 0) return '<1%';
  if (percent === 100 && probability < 1) return '>99%';
  return `${percent}%`;
}
