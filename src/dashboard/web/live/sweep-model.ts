import type { SweepEvents, SweepView, WorkerRecord } from '../../api.js';
import type { Trial } from '../../../sweep/trial.js';
import { EventConnection, type ConnectionStatus } from './event-connection.js';
import { Observable } from './observable.js';

/** One sweep as this page knows it, kept up to date by the server's events. */
export class SweepModel extends Observable {
  sweep: SweepView | undefined;
  workers: readonly WorkerRecord[] = [];
  /** By number. */
  readonly trials = new Map<number, Trial>();
  status: ConnectionStatus = { kind: 'connecting' };
  /** Everything that was stored has arrived. */
  ready = false;
  /** What keeps the server from reading its store. */
  problem: string | null = null;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  clockOffset = 0;
  #revision = '0';
  readonly #connection: EventConnection<SweepEvents>;

  constructor(private readonly sweepId: string) {
    super();
    const base = `./api/v1/sweeps/${encodeURIComponent(sweepId)}`;
    this.#connection = new EventConnection<SweepEvents>({
      url: () => `${base}/events?after=${this.#revision}`,
      probeUrl: base,
      handlers: {
        sweep: (sweep) => this.#set(() => (this.sweep = sweep)),
        workers: (workers) => this.#set(() => (this.workers = workers)),
        problem: ({ message }) => this.#set(() => (this.problem = message)),
        heartbeat: ({ now }) => (this.clockOffset = now - Date.now()),
        ready: ({ now }) =>
          this.#set(() => {
            this.clockOffset = now - Date.now();
            this.ready = true;
          }),
        trials: (trials, revision) =>
          this.#set(() => {
            for (const trial of trials) this.trials.set(trial.number, { ...trial, sweepId: this.sweepId });
            this.#revision = revision;
          }),
      },
      onStatus: (status) => this.#set(() => (this.status = status)),
    });
  }

  /** Drawing ten thousand trials takes longer than they take to arrive. */
  protected override get rest(): number {
    return Math.min(this.trials.size / 20, 1000);
  }

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
