import type { Random } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { TrialState } from '../../sweep/trial.js';
import { gainLeft } from './gp/gain-left.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';

/**
 * `search.stopWhenDone`: what the sampler proposes, until the model of the results says that no more gain is likely
 * (`gainLeft`). It goes on where a result that was still to come shows that there is more: until then it waits.
 */
export class UntilDone implements Sampler {
  /** What the last call came to; it follows from its history alone. */
  private reason: string | undefined;

  constructor(
    private readonly sampler: Sampler,
    private readonly definition: SweepDefinition,
    private readonly space: Space,
  ) {}

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    const gain = gainLeft(this.definition, this.space, history);
    this.reason = gain?.done ? gain.reason : undefined;
    return gain?.done ? [] : this.sampler.suggest(history, count, random);
  }

  /** Results that are still to come may show that there is more. Paused trials go on only once no new ones come. */
  isWaiting(history: TrialHistory): boolean {
    if (this.reason === undefined) return this.sampler.isWaiting?.(history) ?? false;
    return history.trials.some(({ state }) => state === TrialState.Queued || state === TrialState.Running);
  }

  whyEnded(): string | undefined {
    return this.reason;
  }
}
