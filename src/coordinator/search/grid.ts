import type { JsonValue } from '../../sweep/json.js';
import type { Space } from '../../sweep/space.js';
import type { Trial } from '../../sweep/trial.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';

/** `Trial.origin` of a trial that the grid proposed: the index of its point among all combinations, in decimal. */
interface GridOrigin {
  readonly grid: string;
}

/**
 * Every configuration of a finite space exactly once, in the order of the grid. It goes on after the last point that
 * the history holds, so nothing is remembered between calls and a restart changes nothing. Points that came into the
 * history in another way (`startWith`) are left out.
 */
export class GridSampler implements Sampler {
  constructor(private readonly space: Space) {}

  suggest(history: TrialHistory, count: number): Suggestion[] {
    const { next, others } = this.position(history);
    const suggestions: Suggestion[] = [];
    let from = next;
    while (suggestions.length < count) {
      const point = this.space.nextGridPoint(from);
      if (!point) break;
      from = point.index + 1n;
      if (others.has(this.space.key(point.parameters))) continue;
      const origin: GridOrigin = { grid: point.index.toString() };
      suggestions.push({ parameters: point.parameters, origin: { ...origin } });
    }
    return suggestions;
  }

  /** Where the grid goes on, and the points that others proposed: these come before all of the grid's. */
  private position({ trials }: TrialHistory): { next: bigint; others: ReadonlySet<string> } {
    const others = new Set<string>();
    for (const trial of trials) {
      if (gridIndex(trial) !== undefined) break;
      others.add(this.space.key(trial.parameters));
    }
    // Further replicates of earlier configurations, which have no origin, may have come after it.
    const last = trials.findLast((trial) => gridIndex(trial) !== undefined);
    const index = last && gridIndex(last);
    return { next: index === undefined ? 0n : index + 1n, others };
  }
}

function gridIndex({ origin }: Trial): bigint | undefined {
  return isGridOrigin(origin) ? BigInt(origin.grid) : undefined;
}

function isGridOrigin(origin: JsonValue | undefined): origin is { grid: string } {
  return typeof origin === 'object' && origin !== null && 'grid' in origin && typeof origin.grid === 'string';
}
