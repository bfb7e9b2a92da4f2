import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import type { HoveredTrial } from '../charts/hovered-trial.js';
import type { ViewChange, ViewState } from '../routing.js';

/** What every section of a sweep's page is given. */
export interface SectionProps {
  readonly definition: SweepDefinition;
  /** By number. */
  readonly trials: readonly Trial[];
  readonly byNumber: ReadonlyMap<number, Trial>;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
  readonly view: ViewState;
  readonly onView: (change: ViewChange) => void;
}
