import { TrialState, type Trial } from '../../sweep/trial.js';
import type { Suggestion, TrialHistory } from './sampler.js';

/** The history as it will be once these suggestions are trials, for who asks for more in the same moment. */
export function asIfBegun(
  { trials, configurations }: TrialHistory,
  suggestions: readonly Suggestion[],
): TrialHistory {
  const begun = suggestions.map(({ parameters, origin }, i): Trial => ({
    sweepId: trials[0]?.sweepId ?? '',
    number: trials.length + i,
    configuration: configurations + i,
    replicate: 0,
    seed: 0,
    parameters,
    ...(origin !== undefined && { origin }),
    state: TrialState.Queued,
    attempts: 0,
    metrics: {},
    createdAt: 0,
  }));
  return { trials: [...trials, ...begun], configurations: configurations + begun.length };
}
