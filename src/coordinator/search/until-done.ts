import type { Random } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { gainLeft } from './gp/gain-left.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';

/**
 * `search.stopWhenDone`: what the sampler proposes, until the model of the results says that no more gain is likely
 * (`gainLeft`). Nothing is remembered: it goes on where a result that was still to come shows that there is more.
 */
export class UntilDone implements Sampler {
  constructor(
    private readonly sampler: Sampler,
    private readonly definition: SweepDefinition,
    private readonly space: Space,
  ) {}

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    if (gainLeft(this.definition, this.space, history)?.done) return [];
    return this.sampler.suggest(history, count, random);
  }
}
