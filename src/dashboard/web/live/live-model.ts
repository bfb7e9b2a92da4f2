import type { ConnectionStatus, EventConnection } from './event-connection.js';
import { Observable } from './observable.js';

/** Something of the server's that this page keeps up to date by its events. */
export abstract class LiveModel extends Observable {
  status: ConnectionStatus = { kind: 'connecting' };
  /** What keeps the server from reading its store. */
  problem: string | null = null;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  clockOffset = 0;
  protected abstract readonly connection: Pick<EventConnection<unknown>, 'retry' | 'close'>;

  /** What is done with events that every stream has. */
  protected readonly common = {
    problem: ({ message }: { readonly message: string | null }) => this.set(() => (this.problem = message)),
    heartbeat: ({ now }: { readonly now: number }) => {
      this.clockOffset = now - Date.now();
    },
  };

  protected readonly onStatus = (status: ConnectionStatus): void => this.set(() => (this.status = status));

  /** The server's time. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  retry(): void {
    this.connection.retry();
  }

  close(): void {
    this.connection.close();
  }

  protected set(change: () => void): void {
    change();
    this.changed();
  }
}
