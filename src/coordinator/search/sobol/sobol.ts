import type { JsonValue } from '../../../sweep/json.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { createRandom } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import { SobolSequence } from './sobol-sequence.js';

/** Points of the sequence to pass over for one configuration, before it is drawn in another way. */
const longestSearch = 1_000;

/** `Trial.origin` of a trial that this sampler proposed: the index of its point in the sequence. */
interface SobolOrigin {
  readonly sobol: number;
}

/**
 * Fills the space evenly: configurations are the points of a scrambled Sobol sequence, in its order. A point that
 * breaks a constraint, or that makes a configuration that was tried, is passed over; so the
 * configurations are the first points of the sequence that are allowed and new, whatever is asked for at a time, and
 * each trial stores where in the sequence it is. Where 1,000 points in a row are passed over, a random configuration
 * is taken instead; a finite space ends when all of it was tried.
 */
export class SobolSampler implements Sampler {
  private readonly sequence: SobolSequence;
  private readonly tried: TriedConfigurations;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {
    this.sequence = new SobolSequence(space.searched.length, seed);
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number): Suggestion[] {
    this.tried.follow(history.trials);
    const suggestions: Suggestion[] = [];
    let next = nextIndex(history);
    while (suggestions.length < count) {
      const found = this.search(next) ?? this.draw(next, history.configurations + suggestions.length);
      if (!found) break;
      const origin: SobolOrigin = { sobol: found.index };
      suggestions.push({ parameters: found.parameters, origin: { ...origin } });
      next = found.index + 1;
    }
    return suggestions;
  }

  private search(from: number): { index: number; parameters: Parameters } | undefined {
    for (let index = from; index < from + longestSearch; index++) {
      const parameters = this.space.decode(this.sequence.point(index));
      if (this.space.brokenConstraint(parameters) === undefined && this.tried.take(parameters)) {
        return { index, parameters };
      }
    }
    return undefined;
  }

  private draw(index: number, configuration: number): { index: number; parameters: Parameters } | undefined {
    const random = createRandom(this.seed, configuration);
    const parameters = this.tried.takeAny(random);
    return parameters && { index, parameters };
  }
}

/** Where the sequence goes on: after the last trial that came from it. */
function nextIndex({ trials }: TrialHistory): number {
  for (let i = trials.length - 1; i >= 0; i--) {
    const origin = trials[i]?.origin;
    if (isSobolOrigin(origin)) return origin.sobol + 1;
  }
  return 0;
}

function isSobolOrigin(origin: JsonValue | undefined): origin is { sobol: number } {
  return (
    typeof origin === 'object' && origin !== null && 'sobol' in origin && typeof origin.sobol === 'number'
  );
}
