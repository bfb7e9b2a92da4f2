import type { ListEvents, SweepSummary } from '../../api.js';
import { EventConnection } from './event-connection.js';
import { LiveModel } from './live-model.js';

/** The list of sweeps. */
export class ListModel extends LiveModel {
  /** Newest first; `undefined` before the first answer. */
  sweeps: readonly SweepSummary[] | undefined;
  protected readonly connection = new EventConnection<ListEvents>({
    url: './api/v1/events',
    probeUrl: './api/v1/sweeps',
    handlers: {
      ...this.common,
      sweeps: ({ sweeps, now }) =>
        this.set(() => {
          this.sweeps = sweeps;
          this.clockOffset = now - Date.now();
        }),
    },
    onStatus: this.onStatus,
  });
}
