import type { AgentMessage, SharedDataMessage } from './protocol.js';

interface Entry<Thread> {
  value?: { readonly data: unknown };
  loader?: Thread;
  readonly waiting: Thread[];
}

/**
 * Who loads the data that all threads share: the first thread that asks for a key. The others wait; where the loader
 * fails or dies, the next in line loads. `Thread` is whatever tells threads apart.
 */
export class SharedDataBroker<Thread> {
  readonly #entries = new Map<string, Entry<Thread>>();

  constructor(private readonly send: (thread: Thread, message: AgentMessage) => void) {}

  receive(thread: Thread, message: SharedDataMessage): void {
    const entry = this.#entry(message.key);
    switch (message.kind) {
      case 'shared-wanted':
        entry.waiting.push(thread);
        break;
      case 'shared-loaded':
        entry.value = { data: message.value };
        delete entry.loader;
        break;
      case 'shared-failed':
        delete entry.loader;
        break;
    }
    this.#serve(message.key, entry);
  }

  /** The thread is no more. */
  forget(thread: Thread): void {
    for (const [key, entry] of this.#entries) {
      const at = entry.waiting.indexOf(thread);
      if (at >= 0) entry.waiting.splice(at, 1);
      if (entry.loader === thread) delete entry.loader;
      this.#serve(key, entry);
    }
  }

  #entry(key: string): Entry<Thread> {
    let entry = this.#entries.get(key);
    if (!entry) this.#entries.set(key, (entry = { waiting: [] }));
    return entry;
  }

  #serve(key: string, entry: Entry<Thread>): void {
    if (entry.value) {
      for (const thread of entry.waiting.splice(0)) {
        this.send(thread, { kind: 'shared-value', key, value: entry.value.data });
      }
    } else if (entry.loader === undefined) {
      const next = entry.waiting.shift();
      if (next === undefined) return;
      entry.loader = next;
      this.send(next, { kind: 'shared-load', key });
    }
  }
}
