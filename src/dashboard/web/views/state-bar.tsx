import type { TrialState } from '../../../sweep/trial.js';
import { count } from '../data/format.js';

/** In the order in which they stand in the bar: results first, what is to come last. */
export const barOrder = [
  'completed',
  'pruned',
  'failed',
  'cancelled',
  'running',
  'paused',
  'queued',
] as const satisfies TrialState[];

interface StateBarProps {
  readonly counts: Readonly<Record<TrialState, number>>;
  readonly total: number;
}

/** Progress as a bar of the states that the trials are in; what is not proposed yet is left empty. */
export function StateBar({ counts, total }: StateBarProps) {
  const present = barOrder.filter((state) => counts[state] > 0);
  const text = present.map((state) => `${counts[state]} ${state}`).join(', ') || 'no trials yet';
  return (
    <div class="state-bar" role="img" aria-label={`${text}, of ${count(total, 'trial')}`}>
      {present.map((state) => (
        <i
          key={state}
          class={`state-${state}`}
          style={{ width: `${(100 * counts[state]) / Math.max(total, 1)}%` }}
        />
      ))}
    </div>
  );
}
