import { setTimeout as delay } from 'node:timers/promises';

/**
 * Repeats `tick` from `start` to `stop`, one at a time; `interval` milliseconds lie between the end of one and the
 * start of the next.
 */
export class Poller {
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  /** `tick` must not reject. */
  constructor(
    private readonly interval: number,
    private readonly tick: () => Promise<void>,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when no tick runs any more. It can't be started again. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.tick();
      await delay(this.interval, undefined, { signal }).catch(() => undefined);
    }
  }
}
