import type { JsonValue } from '../../sweep/json.js';
import type { Space } from '../../sweep/space.js';
import type { Trial } from '../../sweep/trial.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';
import { TriedConfigurations } from './tried.js';

/** `Trial.origin` of a trial that the grid proposed: the index of its point among all combinations, in decimal. */
interface GridOrigin {
  readonly grid: string;
}

/**
 * Every configuration of a finite space exactly once, in the order of the grid. It goes on after the last point that
 * the history holds, so a restart changes nothing. Points that came into the history in another way (`startWith`, a trial
 * that a user added) are left out.
 */
export class GridSampler implements Sampler {
  private readonly tried: TriedConfigurations;

  constructor(private readonly space: Space) {
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number): Suggestion[] {
    this.tried.follow(history.trials);
    const suggestions: Suggestion[] = [];
    let from = nextIndex(history);
    while (suggestions.length < count) {
      const point = this.space.nextGridPoint(from);
      if (!point) break;
      from = point.index + 1n;
      if (!this.tried.take(point.parameters)) continue;
      const origin: GridOrigin = { grid: point.index.toString() };
      suggestions.push({ parameters: point.parameters, origin: { ...origin } });
    }
    return suggestions;
  }
}

/** Where the grid goes on. Further replicates and trials that a user added, which have no index, may have come last. */
function nextIndex({ trials }: TrialHistory): bigint {
  const last = trials.findLast((trial) => gridIndex(trial) !== undefined);
  const index = last && gridIndex(last);
  return index === undefined ? 0n : index + 1n;
}

function gridIndex({ origin }: Trial): bigint | undefined {
  return isGridOrigin(origin) ? BigInt(origin.grid) : undefined;
}

function isGridOrigin(origin: JsonValue | undefined): origin is { grid: string } {
  return typeof origin === 'object' && origin !== null && 'grid' in origin && typeof origin.grid === 'string';
}
