import type { ShownState } from '../../../store/leadership.js';
import type { SweepState } from '../../../store/sweep-store.js';
import type { TrialState } from '../../../sweep/trial.js';

export function StateBadge({ state, shown }: { state: SweepState; shown: ShownState }) {
  return (
    <span class={`badge sweep-${shown}`} data-state={state}>
      {shown}
    </span>
  );
}

/** States of trials are told by their word; the colour is that of the progress bar. */
export function TrialStateMark({ state }: { state: TrialState }) {
  return (
    <span class="trial-state">
      <i class={`swatch state-${state}`} aria-hidden="true" />
      {state}
    </span>
  );
}

export function TestSetMark() {
  return (
    <span
      class="badge test-set"
      title="fixed.selectOn is test: the figures that were optimised were measured on the test set, so they flatter."
    >
      selected on the test set
    </span>
  );
}
