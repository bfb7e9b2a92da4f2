import type { CoordinatorBus } from '../../messaging/bus.js';
import type { SweepRecord, SweepStore, Usage } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import type { Pruner } from '../pruning/pruner.js';
import type { Sampler } from '../search/sampler.js';
import type { TrialBook } from './trial-book.js';

export interface RunnerOptions {
  readonly sweep: SweepRecord;
  /** The sweep's trials as they are stored. */
  readonly book: TrialBook;
  readonly sampler: Sampler;
  /** It knows what was reported before. Absent: every trial runs to its end. */
  readonly pruner?: Pruner;
  readonly store: SweepStore;
  readonly bus: CoordinatorBus;
  /** One line for the user about something that went wrong, or was decided. */
  readonly say: (line: string) => void;
  /** Trials that have their result, stored, now. */
  readonly onEnded?: (trials: readonly Trial[]) => void;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Milliseconds after its last word until a worker that the bus does not know is taken for lost. @default 10 000 */
  readonly workerPatience?: number;
  /**
   * Milliseconds after which a published trial that nobody has claimed, although slots are free, is published again.
   * @default 10 000
   */
  readonly claimPatience?: number;
  /**
   * Whether it is certain that no other coordinator runs the sweep. While it is not, no claim is answered and nobody is
   * told anything; what is written the store refuses by itself. @default always
   */
  readonly isAlone?: () => boolean;
}

/** How a sweep stands. */
export interface RunnerProgress {
  readonly counts: TrialBook['counts'];
  /** Trials a second that have ended lately. */
  readonly rate: number;
  readonly usage: Usage;
  /** Workers and slots that take its trials. */
  readonly workers: number;
  readonly slots: number;
}
