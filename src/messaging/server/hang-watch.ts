import { statfs } from 'node:fs/promises';
import { connectToNats } from '../connection.js';
import type { NatsAddress } from '../join-string.js';

export interface HangWatchParts {
  readonly address: () => NatsAddress;
  /** The folder in which it stores messages. */
  readonly store: string;
  /** Milliseconds of silence after which a server is hung. */
  readonly patience: number;
  readonly say: (line: string) => void;
  /** It is hung, and there is room on its disk. */
  readonly onHung: (seconds: number) => Promise<void>;
}

/** Bytes of a disk below which it counts as full: nats-server stores messages in blocks of some kilobytes and more. */
const leastRoom = 1 << 20;

/**
 * Asks a nats-server, time and again, whether it still stores messages. One whose disk was full lives on, takes
 * connections and answers nothing, also when there is room again (2.9.10); nothing but a restart helps.
 */
export class HangWatch {
  #timer: NodeJS.Timeout | undefined;
  #silentSince: number | undefined;
  #saidFull = false;

  constructor(private readonly parts: HangWatchParts) {
    this.#askLater();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #askLater(): void {
    this.#timer = setTimeout(() => {
      const asked = this.#timer;
      // Whatever goes wrong is looked at again next time.
      void this.#ask()
        .catch(() => undefined)
        .finally(() => {
          if (this.#timer === asked) this.#askLater();
        });
    }, this.parts.patience / 6).unref();
  }

  async #ask(): Promise<void> {
    const { address, patience, store, say, onHung } = this.parts;
    const now = performance.now();
    if (await storesMessages(address(), patience / 6)) {
      this.#silentSince = undefined;
      this.#saidFull = false;
      return;
    }
    this.#silentSince ??= now;
    if (await isFull(store)) {
      if (!this.#saidFull) say(`the disk of ${store} is full: nats-server stores nothing, waiting for room`);
      this.#saidFull = true;
      return;
    }
    const silent = performance.now() - this.#silentSince;
    if (silent < patience) return;
    this.#silentSince = undefined;
    await onHung(silent / 1_000);
  }
}

/** Whether JetStream answers within these milliseconds. */
export async function storesMessages(address: NatsAddress, timeout: number): Promise<boolean> {
  try {
    const connection = await connectToNats({
      address,
      name: 'sweepyard probe',
      role: 'coordinator',
      timeout,
    });
    try {
      await connection.nats.request('$JS.API.INFO', undefined, { timeout });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

async function isFull(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < leastRoom;
  } catch {
    return false;
  }
}
