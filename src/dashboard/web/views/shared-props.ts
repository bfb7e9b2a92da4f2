import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { TrialState } from '../../../sweep/trial.js';
import type { HoveredTrial } from '../charts/hovered-trial.js';
import type { SweepModel } from '../live/sweep-model.js';
import type { ViewChange, ViewState } from '../routing.js';

/** What every section of a sweep's page is given. */
export interface SectionProps {
  readonly model: SweepModel;
  readonly definition: SweepDefinition;
  /** All of the sweep's: objectives first. */
  readonly metrics: readonly string[];
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
  /** The sweep runs. */
  readonly running: boolean;
  /** Trials in each state. */
  readonly counts: Readonly<Record<TrialState, number>>;
  readonly view: ViewState;
  readonly onView: (change: ViewChange) => void;
}
