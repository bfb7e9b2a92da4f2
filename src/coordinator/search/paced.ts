import type { Random } from '../../sweep/random.js';
import { alwaysModelled, shortTrial } from '../../sweep/samplers.js';
import type { Trial } from '../../sweep/trial.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';

/** How many trials tell how long trials take: the last ones that were completed. */
const judged = 9;

/**
 * A thorough sampler, and, once it has proposed `alwaysModelled` configurations, a quick one where trials are so short
 * that they would wait for the thorough one rather than it for them. Which one it is follows from the history alone:
 * its length, and the median time of the last completed trials.
 */
export class PacedSampler implements Sampler {
  constructor(
    private readonly thorough: Sampler,
    private readonly quick: Sampler,
  ) {}

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    const isQuick = history.configurations >= alwaysModelled && takeShort(history.trials);
    return (isQuick ? this.quick : this.thorough).suggest(history, count, random);
  }
}

/** Whether the median of the last completed trials is short. */
function takeShort(trials: readonly Trial[]): boolean {
  const seconds: number[] = [];
  for (let i = trials.length - 1; i >= 0 && seconds.length < judged; i--) {
    const { state, startedAt, finishedAt } = trials[i]!;
    if (state === 'completed' && startedAt !== undefined && finishedAt !== undefined)
      seconds.push((finishedAt - startedAt) / 1000);
  }
  const median = seconds.sort((a, b) => a - b)[seconds.length >> 1];
  return median !== undefined && median < shortTrial;
}
