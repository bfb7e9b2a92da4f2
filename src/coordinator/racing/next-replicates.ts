import { percentText } from '../../analysis/ranking.js';
import { isToBlame } from '../../sweep/blame.js';
import { compileLimits } from '../../sweep/limits.js';
import { configurationResults, type ConfigurationResult } from '../../sweep/objective.js';
import { Direction, type SweepDefinition } from '../../sweep/sweep-definition.js';
import { isTerminal, type Trial } from '../../sweep/trial.js';
import type { TrialHistory } from '../search/sampler.js';
import { racingProspects } from './racing-prospects.js';

/** One more trial of a configuration. */
export interface NextReplicate {
  readonly configuration: number;
  /** Among the trials of its configuration. */
  readonly replicate: number;
  readonly parameters: Trial['parameters'];
  readonly reason: string;
}

export interface RacingLoad {
  /** Trials that may be started now. */
  readonly room: number;
  /** Whether the sampler has no more to give: then the race is all that is left. */
  readonly isSearched: boolean;
  /** The part of the nearest budget that is used up (`budgetUsed`); 0 where there is none. */
  readonly budgetUsed: number;
}

/** While the search goes on, further replicates are at most this part of all trials. */
const shareInSearch = 1 / 3;
/** The last part of `search.trials`, and of a budget, belongs to the race as long as it is not decided. */
const shareOfEnd = 1 / 5;
/** So many of the best get a second seed where no configuration has one: without it the noise is unknown. */
const firstRacers = 3;
/** Configurations that a search has before it begins to race. */
const fewestToRace = 4;

interface Racer {
  readonly result: ConfigurationResult;
  /** Trials so far, whatever became of them; the next one has this number. */
  readonly seeds: number;
  readonly pending: number;
}

/**
 * Which configurations get more seeds, by what is known of them all: a race for the primary objective. The contenders
 * are the fewest configurations that hold the best with 95% together (`prospects`); each time those of them with the
 * fewest seeds get one more, the leader too, until one is left or they have `maxReplicates`. Losers get none, nor do
 * configurations that broke a limit or failed by what they are (`isToBlame`). So seeds go where they decide something,
 * as in F-Race (M. Birattari et al., "A racing algorithm for configuring metaheuristics", 2002), with the posterior in
 * the place of its test.
 *
 * While the search goes on, at most a third of the trials are further replicates, one at a time for each; the last
 * fifth of `search.trials` or of a budget, whichever begins first, and what comes after the sampler's last
 * configuration, are the race's. Pure; empty where `maxReplicates` is absent. Best first.
 */
export function nextReplicates(
  definition: SweepDefinition,
  history: TrialHistory,
  { room, isSearched, budgetUsed }: RacingLoad,
): NextReplicate[] {
  const { maxReplicates, replicates, search } = definition;
  if (maxReplicates === undefined) return [];
  const left = (search.trials ?? Infinity) - history.trials.length;
  const isLastPart =
    budgetUsed >= 1 - shareOfEnd || (search.trials !== undefined && left <= shareOfEnd * search.trials);
  const isEnd = isSearched || isLastPart;
  const further = history.trials.length - history.configurations * replicates;
  const allowance = isEnd ? left : Math.floor(shareInSearch * history.trials.length) - further;
  const most = Math.min(room, left, allowance);
  if (most <= 0) return [];
  const racers = racersOf(definition, history.trials);
  if (!isSearched && racers.length < fewestToRace) return [];
  const pendingEach = isEnd ? Infinity : 1;
  return deal(contenders(definition, history, racers, isEnd), most, maxReplicates, pendingEach);
}

/** Feasible configurations with results of which no trial failed by what it is. */
function racersOf(definition: SweepDefinition, trials: readonly Trial[]): Racer[] {
  const [objective = ''] = Object.keys(definition.objectives);
  const counts = new Map<number, { seeds: number; pending: number; failed: boolean }>();
  for (const trial of trials) {
    const { configuration, state } = trial;
    const count = counts.get(configuration) ?? { seeds: 0, pending: 0, failed: false };
    counts.set(configuration, count);
    count.seeds++;
    if (!isTerminal(state)) count.pending++;
    if (isToBlame(trial)) count.failed = true;
  }
  return configurationResults(trials, compileLimits(definition)).flatMap((result) => {
    const count = counts.get(result.configuration);
    if (!count || count.failed || result.broken.length > 0 || !result.metrics[objective]) return [];
    return [{ result, seeds: count.seeds, pending: count.pending }];
  });
}

interface Contender extends Racer {
  readonly reason: string;
}

function contenders(
  definition: SweepDefinition,
  history: TrialHistory,
  racers: readonly Racer[],
  isEnd: boolean,
): Contender[] {
  const [[objective = '', direction = Direction.Maximize] = []] = Object.entries(definition.objectives);
  const summaries = racers.flatMap(({ result }) => result.metrics[objective] ?? []);
  const found = racingProspects(history, summaries, direction, isEnd);
  if (!found) {
    const sign = direction === Direction.Maximize ? -1 : 1;
    const mean = ({ result }: Racer): number => sign * (result.metrics[objective]?.mean ?? 0);
    const reason = `race: one of the best ${firstRacers} so far; a second seed tells how noisy ${objective} is`;
    const best = [...racers].sort((a, b) => mean(a) - mean(b)).slice(0, firstRacers);
    return best.filter(({ seeds }) => seeds < 2).map((racer) => ({ ...racer, reason }));
  }
  if (found.leaders.length < 2) return [];
  // The one that would be returned must be as sure as those that challenge it.
  const among = [...new Set([...found.leaders, found.leader])];
  return among.flatMap((index) => {
    const racer = racers[index];
    const chance = percentText(found.each[index]?.probabilityBest ?? 0);
    return racer
      ? [
          {
            ...racer,
            reason: `race: the best of ${racers.length} configurations with ${chance}; one of ${found.leaders.length} that ${racer.result.trials.length} ${racer.result.trials.length === 1 ? 'seed does' : 'seeds do'} not tell apart`,
          },
        ]
      : [];
  });
}

/** One seed after the other to those who have the fewest. */
function deal(
  racers: readonly Contender[],
  most: number,
  maxReplicates: number,
  pendingEach: number,
): NextReplicate[] {
  const hands = racers.map((racer) => ({ racer, seeds: racer.seeds, pending: racer.pending }));
  const dealt: NextReplicate[] = [];
  while (dealt.length < most) {
    const open = hands.filter(({ seeds, pending }) => seeds < maxReplicates && pending < pendingEach);
    const [first] = open;
    if (!first) break;
    const next = open.reduce((a, b) => (b.seeds < a.seeds ? b : a), first);
    const { configuration, parameters } = next.racer.result;
    dealt.push({ configuration, replicate: next.seeds, parameters, reason: next.racer.reason });
    next.seeds++;
    next.pending++;
  }
  return dealt;
}
