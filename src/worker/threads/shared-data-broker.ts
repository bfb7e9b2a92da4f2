import type { AgentMessage, SharedDataMessage } from './protocol.js';

interface Entry<Thread> {
  value?: { readonly data: unknown };
  loader?: Thread;
  readonly waiting: Thread[];
  /** Whose tasks have the value. */
  readonly users: Set<Thread>;
}

/** Values that stay though no task has them: the next ones often want them again, and a sweep may ask for ever new ones. */
const mostUnused = 4;

/**
 * Who loads the data that all threads share: the first thread that asks for a key. The others wait; where the loader
 * fails or dies, the next in line loads. What running tasks have stays, and of the rest what was asked for last.
 * `Thread` is whatever tells threads apart.
 */
export class SharedDataBroker<Thread> {
  /** What was asked for last is the last. */
  readonly #entries = new Map<string, Entry<Thread>>();

  constructor(private readonly send: (thread: Thread, message: AgentMessage) => void) {}

  receive(thread: Thread, message: SharedDataMessage): void {
    if (message.kind === 'shared-released') {
      for (const { users } of this.#entries.values()) users.delete(thread);
      this.#dropUnused();
      return;
    }
    const entry = this.#entry(message.key);
    switch (message.kind) {
      case 'shared-wanted':
        entry.waiting.push(thread);
        this.#entries.delete(message.key);
        this.#entries.set(message.key, entry);
        break;
      case 'shared-loaded':
        entry.value = { data: message.value };
        entry.users.add(thread);
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
      entry.users.delete(thread);
      this.#serve(key, entry);
    }
    this.#dropUnused();
  }

  #dropUnused(): void {
    const unused = [...this.#entries].filter(
      ([, { loader, waiting, users }]) => loader === undefined && waiting.length === 0 && users.size === 0,
    );
    for (const [key] of unused.slice(0, -mostUnused)) this.#entries.delete(key);
  }

  #entry(key: string): Entry<Thread> {
    let entry = this.#entries.get(key);
    if (!entry) this.#entries.set(key, (entry = { waiting: [], users: new Set() }));
    return entry;
  }

  #serve(key: string, entry: Entry<Thread>): void {
    if (entry.value) {
      for (const thread of entry.waiting.splice(0)) {
        entry.users.add(thread);
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
