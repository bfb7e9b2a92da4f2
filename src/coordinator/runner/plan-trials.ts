import type { NewTrial } from '../../store/sweep-store.js';
import { createRandom } from '../../sweep/random.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { nextReplicates, type RacingLoad } from '../racing/next-replicates.js';
import type { Sampler, Suggestion, TrialHistory } from '../search/sampler.js';
import { configurationsWanted, expand, furtherTrials } from './planning.js';

/** Stored with the trial that it is about. */
export interface PlannedDecision {
  readonly number: number;
  readonly action: string;
  readonly reason: string;
}

/** What comes next in a sweep. */
export interface TrialPlan {
  /** Further replicates first, then new configurations. Empty: nobody has more to give until another trial ends. */
  readonly trials: readonly NewTrial[];
  /** What was decided about some of them, and why. */
  readonly decisions: readonly PlannedDecision[];
  /** The sampler has no more to give, or `search.trials` is reached. */
  readonly isSearched: boolean;
}

/** The trials to add for this much room: those that the race asks for, then what the sampler suggests. Pure. */
export function planTrials(
  definition: SweepDefinition,
  sampler: Sampler,
  history: TrialHistory,
  load: RacingLoad,
): TrialPlan {
  const { room } = load;
  const size = history.trials.length;
  let replicates = nextReplicates(definition, history, load);
  let suggestions: Suggestion[] = [];
  let { isSearched } = load;
  if (!isSearched && replicates.length < room) {
    const left = room - replicates.length;
    const wanted = configurationsWanted(definition, size + replicates.length, left);
    const random = createRandom(definition.search.seed, history.configurations);
    suggestions = wanted === 0 ? [] : sampler.suggest(history, wanted, random);
    isSearched = suggestions.length === 0 && !(wanted > 0 && sampler.isWaiting?.(history));
    if (isSearched) replicates = nextReplicates(definition, history, { ...load, isSearched });
  }
  const further = furtherTrials(definition, replicates, size);
  const next = { number: size + further.length, configuration: history.configurations };
  const trials = [...further, ...expand(definition, suggestions, next)];
  const reasons = new Map(suggestions.map(({ decision }, i) => [next.configuration + i, decision]));
  const decisions = trials.flatMap(({ number, configuration, replicate }, index) => {
    const replicated = replicates[index];
    if (replicated) return [{ number, action: 'replicate', reason: replicated.reason }];
    const decision = replicate === 0 ? reasons.get(configuration) : undefined;
    return decision ? [{ number, ...decision }] : [];
  });
  return { trials, decisions, isSearched };
}
