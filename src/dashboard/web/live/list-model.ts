import type { ListEvents, SweepSummary } from '../../api.js';
import { EventConnection, type ConnectionStatus } from './event-connection.js';
import { Observable } from './observable.js';

/** The list of sweeps as this page knows it, kept up to date by the server's events. */
export class ListModel extends Observable {
  /** Newest first; `undefined` before the first answer. */
  sweeps: readonly SweepSummary[] | undefined;
  status: ConnectionStatus = { kind: 'connecting' };
  problem: string | null = null;
  clockOffset = 0;
  readonly #connection = new EventConnection<ListEvents>({
    url: () => './api/v1/events',
    probeUrl: './api/v1/sweeps',
    handlers: {
      sweeps: ({ sweeps, now }) =>
        this.#set(() => {
          this.sweeps = sweeps;
          this.clockOffset = now - Date.now();
        }),
      problem: ({ message }) => this.#set(() => (this.problem = message)),
      heartbeat: ({ now }) => (this.clockOffset = now - Date.now()),
    },
    onStatus: (status) => this.#set(() => (this.status = status)),
  });

  /** The server's time. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  retry(): void {
    this.#connection.retry();
  }

  close(): void {
    this.#connection.close();
  }

  #set(change: () => void): void {
    change();
    this.changed();
  }
}
