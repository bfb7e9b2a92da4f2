import { createRandom } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';

/** Random points to try before the first unseen one is looked for in the grid. */
const tries = 64;
/** In a larger space equal configurations are so rare that remembering all of them is not worth the memory. */
const largestRemembered = 2n ** 40n;

/**
 * Independent random configurations. Each has its own stream of random numbers, from the sweep's seed and the
 * configuration's number, so it does not matter how many are asked for at once. In a finite space no configuration
 * is proposed twice, and none once all have been.
 */
export class RandomSampler implements Sampler {
  private readonly finite: boolean;
  /** Keys of the history's configurations: of the first `seenTrials` trials of `seenIn`. Only saves time. */
  private seen = new Set<string>();
  private seenIn: TrialHistory['trials'] | undefined;
  private seenTrials = 0;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {
    this.finite = space.combinations !== undefined && space.combinations <= largestRemembered;
  }

  suggest(history: TrialHistory, count: number): Suggestion[] {
    if (this.finite) this.remember(history.trials);
    const taken = new Set<string>();
    const suggestions: Suggestion[] = [];
    for (let i = 0; i < count; i++) {
      const suggestion = this.one(history.configurations + i, taken);
      if (!suggestion) break;
      suggestions.push(suggestion);
    }
    return suggestions;
  }

  private one(configuration: number, taken: Set<string>): Suggestion | undefined {
    const random = createRandom(this.seed, configuration);
    if (!this.finite) return { parameters: this.space.random(random) };
    const isNew = (key: string): boolean => !this.seen.has(key) && !taken.has(key);
    for (let i = 0; i < tries; i++) {
      const parameters = this.space.random(random);
      const key = this.space.key(parameters);
      if (!isNew(key)) continue;
      taken.add(key);
      return { parameters };
    }
    // Most of the space has been tried: the next unseen point of the grid after a random place.
    const start = BigInt(Math.floor(random.next() * Number(this.space.combinations ?? 0n)));
    for (const [from, to] of [
      [start, undefined],
      [0n, start],
    ] as const) {
      let point = this.space.nextGridPoint(from);
      while (point && (to === undefined || point.index < to)) {
        const key = this.space.key(point.parameters);
        if (isNew(key)) {
          taken.add(key);
          return { parameters: point.parameters };
        }
        point = this.space.nextGridPoint(point.index + 1n);
      }
    }
    return undefined;
  }

  private remember(trials: TrialHistory['trials']): void {
    if (trials !== this.seenIn || trials.length < this.seenTrials) {
      this.seen = new Set();
      this.seenIn = trials;
      this.seenTrials = 0;
    }
    for (; this.seenTrials < trials.length; this.seenTrials++) {
      const trial = trials[this.seenTrials];
      if (trial) this.seen.add(this.space.key(trial.parameters));
    }
  }
}
