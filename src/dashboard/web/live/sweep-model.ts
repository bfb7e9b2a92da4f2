import type { LiveEvents, SweepView, SweepWorker } from '../../api.js';
import type { ProgressAnswer } from '../../api/charts.js';
import { EventConnection } from './event-connection.js';
import { LiveModel } from './live-model.js';

/** Where the server answers about a sweep. */
export function addressOf(sweepId: string): string {
  return `./api/v1/sweeps/${encodeURIComponent(sweepId)}`;
}

/** How one sweep stands. What its trials say is asked for by the views. */
export class SweepModel extends LiveModel {
  sweep: SweepView | undefined;
  workers: readonly SweepWorker[] = [];
  /** Its revision is that of the newest answers; `undefined` before the first word of the server. */
  progress: ProgressAnswer | undefined;
  /** Where the server answers about the sweep. */
  readonly base: string;
  protected readonly connection: EventConnection<LiveEvents>;

  constructor(sweepId: string) {
    super();
    this.base = addressOf(sweepId);
    this.connection = new EventConnection<LiveEvents>({
      url: `${this.base}/live`,
      probeUrl: this.base,
      handlers: {
        ...this.common,
        sweep: (sweep) => this.set(() => (this.sweep = sweep)),
        workers: (workers) => this.set(() => (this.workers = workers)),
        progress: (progress) => this.set(() => (this.progress = progress)),
      },
      onStatus: this.onStatus,
    });
  }
}
