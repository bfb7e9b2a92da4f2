import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { NewTrial } from '../../store/sweep-store.js';
import { trialSeed } from '../../sweep/random.js';
import type { NextReplicate } from '../racing/next-replicates.js';
import type { Suggestion } from '../search/sampler.js';

/** What the room for new trials depends on. */
export interface Load {
  /** Slots of the workers that take new assignments. */
  readonly slots: number;
  /** Trials that were published or run. */
  readonly outstanding: number;
  /** Trials to hold ready beyond the slots. */
  readonly lookahead: number;
  /** `workers.concurrency`: trials that may run at once. */
  readonly concurrency: number | undefined;
}

/** How many trials may be published now. Pure. */
export function roomFor(load: Load): number {
  if (load.slots === 0) return 0;
  const wanted = load.slots + load.lookahead;
  return Math.max(0, Math.min(wanted, load.concurrency ?? Infinity) - load.outstanding);
}

/**
 * How many configurations to ask the sampler for, so that `room` trials can be published and the sweep stays within
 * `search.trials`. Pure.
 */
export function configurationsWanted(definition: SweepDefinition, trialsSoFar: number, room: number): number {
  const left = (definition.search.trials ?? Infinity) - trialsSoFar;
  return Math.max(0, Math.ceil(Math.min(room, left) / definition.replicates));
}

/**
 * The trials of new configurations: each configuration `replicates` times with different seeds. The last
 * configuration gets fewer where `search.trials` ends within it. Pure.
 */
export function expand(
  definition: SweepDefinition,
  suggestions: readonly Suggestion[],
  next: { readonly number: number; readonly configuration: number },
): NewTrial[] {
  const { replicates, search } = definition;
  const trials: NewTrial[] = [];
  suggestions.forEach((suggestion, index) => {
    const configuration = next.configuration + index;
    for (let replicate = 0; replicate < replicates; replicate++) {
      const number = next.number + trials.length;
      if (search.trials !== undefined && number >= search.trials) return;
      trials.push({
        number,
        configuration,
        replicate,
        seed: trialSeed(search.seed, configuration, replicate),
        parameters: suggestion.parameters,
        ...(suggestion.origin === undefined ? {} : { origin: suggestion.origin }),
      });
    }
  });
  return trials;
}

/** The trials of further replicates. Their origin is that of the configuration's first trial alone. Pure. */
export function furtherTrials(
  { search }: SweepDefinition,
  replicates: readonly NextReplicate[],
  firstNumber: number,
): NewTrial[] {
  return replicates.map(({ configuration, replicate, parameters }, index) => ({
    number: firstNumber + index,
    configuration,
    replicate,
    seed: trialSeed(search.seed, configuration, replicate),
    parameters,
  }));
}
