import type { AgentMessage, SharedDataMessage } from './protocol.js';

interface Wish {
  readonly load: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread's side of data that all threads of the process share; `SharedDataBroker` is the other one. */
export class SharedDataClient {
  readonly #present = new Map<string, Promise<unknown>>();
  readonly #wishes = new Map<string, Wish>();

  constructor(private readonly send: (message: SharedDataMessage) => void) {}

  /** The value of `key`: the same object every time until `release`, the same memory in all threads. */
  get(key: string, load: () => Promise<unknown>): Promise<unknown> {
    const present = this.#present.get(key);
    if (present) return present;
    const value = new Promise<unknown>((resolve, reject) => {
      this.#wishes.set(key, { load, resolve, reject });
      this.send({ kind: 'shared-wanted', key });
    });
    this.#present.set(key, value);
    // Who asks next tries again.
    value.catch(() => this.#present.delete(key));
    return value;
  }

  /** The thread's task is over: it lets go of all values but those that are still to come. */
  release(): void {
    for (const key of this.#present.keys()) if (!this.#wishes.has(key)) this.#present.delete(key);
    this.send({ kind: 'shared-released' });
  }

  /** Takes in what the agent says; false when the message is about something else. */
  receive(message: AgentMessage): boolean {
    if (message.kind === 'wake') return false;
    const wish = this.#wishes.get(message.key);
    if (!wish) return true;
    if (message.kind === 'shared-value') {
      this.#wishes.delete(message.key);
      wish.resolve(message.value);
    } else {
      void this.#load(message.key, wish);
    }
    return true;
  }

  async #load(key: string, wish: Wish): Promise<void> {
    try {
      const value = await wish.load();
      // Throws where the value can't be cloned: then the loader hears it, and the next one is asked.
      this.send({ kind: 'shared-loaded', key, value });
      wish.resolve(value);
    } catch (error) {
      this.send({ kind: 'shared-failed', key });
      wish.reject(error);
    } finally {
      this.#wishes.delete(key);
    }
  }
}
