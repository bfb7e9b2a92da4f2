import { SupersededError } from '../../store/superseded-error.js';
import { messageOf } from '../../support/errors.js';

/** The coordinator gave up writing, because it was told to end at once. */
export class WriteAbandonedError extends Error {
  override readonly name = 'WriteAbandonedError';
}

const firstPause = 100;
const longestPause = 5_000;

/**
 * Writes to the store one after another, and tries again until it works: a full disk or a database that is away holds
 * the sweep up, and loses nothing, for nothing is acknowledged before it is stored.
 */
export class StoreWriter {
  #tail: Promise<unknown> = Promise.resolve();
  readonly #abandoned = new AbortController();

  /**
   * @param say one line for the user
   * @param onSuperseded another coordinator leads the sweep by now: nothing can be written any more
   */
  constructor(
    private readonly say: (line: string) => void,
    private readonly onSuperseded: (error: SupersededError) => void = () => undefined,
  ) {}

  /** @throws WriteAbandonedError after `abandon` */
  run<T>(what: string, write: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#persist(what, write));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when what was asked for until now is written. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  /** What is not written by now never will be. */
  abandon(): void {
    this.#abandoned.abort();
  }

  async #persist<T>(what: string, write: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      if (this.#abandoned.signal.aborted) throw new WriteAbandonedError(`${what} were not stored`);
      try {
        const result = await write();
        if (failures > 0) this.say(`the store takes ${what} again`);
        return result;
      } catch (error) {
        if (error instanceof SupersededError) {
          this.abandon();
          this.onSuperseded(error);
          throw error;
        }
        if (failures === 0) this.say(`the store does not take ${what}, trying again: ${messageOf(error)}`);
        await this.#pause(Math.min(longestPause, firstPause * 2 ** failures));
      }
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#abandoned;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }
}
