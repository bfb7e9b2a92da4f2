import { createRandom } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import { drawn } from './drawn.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';
import { TriedConfigurations } from './tried.js';

/** Random points to try before an untried one is looked for in another way. */
const tries = 64;

/**
 * Independent random configurations. Each has its own stream of random numbers, from the sweep's seed and the
 * configuration's number, so it does not matter how many are asked for at once. In a finite space no configuration
 * is proposed twice, and none once all have been.
 */
export class RandomSampler implements Sampler {
  private readonly tried: TriedConfigurations;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number): Suggestion[] {
    this.tried.follow(history.trials);
    const suggestions: Suggestion[] = [];
    for (let i = 0; i < count; i++) {
      const suggestion = this.one(history.configurations + i);
      if (!suggestion) break;
      suggestions.push(suggestion);
    }
    return suggestions;
  }

  private one(configuration: number): Suggestion | undefined {
    const random = createRandom(this.seed, configuration);
    for (let i = 0; i < tries; i++) {
      const parameters = drawn(this.space, random);
      if (!parameters) break;
      if (this.tried.take(parameters)) return { parameters };
    }
    const left = this.tried.takeAny(random);
    return left && { parameters: left };
  }
}
