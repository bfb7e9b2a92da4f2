import { describe, expect, it } from 'vitest';
import type { AgentMessage, SharedDataMessage } from '../../../src/worker/threads/protocol.js';
import { SharedDataBroker } from '../../../src/worker/threads/shared-data-broker.js';
import { SharedDataClient } from '../../../src/worker/threads/shared-data-client.js';

/** Threads with a client each, and the agent's broker between them. Messages are copies, and come later. */
class Threads {
  readonly loaded: string[] = [];
  readonly #clients: SharedDataClient[];
  readonly #broker = new SharedDataBroker<number>((thread, message) => {
    const copy = structuredClone<AgentMessage>(message);
    queueMicrotask(() => this.#clients[thread]?.receive(copy));
  });

  constructor(count: number) {
    this.#clients = Array.from({ length: count }, (_, thread) => {
      const send = (message: SharedDataMessage): void => {
        const copy = structuredClone(message);
        queueMicrotask(() => this.#broker.receive(thread, copy));
      };
      return new SharedDataClient(send);
    });
  }

  /** Asks for a value in the task that this thread runs; it is loaded where nobody has it. */
  get(thread: number, key: string): Promise<Int32Array> {
    const load = (): Promise<Int32Array> => {
      this.loaded.push(key);
      return Promise.resolve(new Int32Array(new SharedArrayBuffer(4)));
    };
    return this.#clients[thread]!.get(key, load) as Promise<Int32Array>;
  }

  endTask(thread: number): void {
    this.#clients[thread]!.release();
  }

  die(thread: number): void {
    this.#broker.forget(thread);
  }
}

const keys = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('shared data', () => {
  it('is loaded once for all threads, also for tasks to come', async () => {
    const threads = new Threads(2);
    const [one, other] = await Promise.all([threads.get(0, 'a'), threads.get(1, 'a')]);
    one[0] = 7;
    expect(other[0]).toBe(7);
    expect(await threads.get(0, 'a')).toBe(one);
    threads.endTask(0);
    threads.endTask(1);
    expect((await threads.get(0, 'a'))[0]).toBe(7);
    expect(threads.loaded).toEqual(['a']);
  });

  it('of what no task has, the four that were asked for last stay', async () => {
    const threads = new Threads(1);
    for (const key of keys) {
      await threads.get(0, key);
      threads.endTask(0);
    }
    for (const key of ['c', 'd', 'e', 'f']) await threads.get(0, key);
    threads.endTask(0);
    expect(threads.loaded).toEqual(keys);
    await threads.get(0, 'c');
    threads.endTask(0);
    await threads.get(0, 'a');
    threads.endTask(0);
    expect(threads.loaded).toEqual([...keys, 'a']);
    await threads.get(0, 'c');
    await threads.get(0, 'd');
    expect(threads.loaded).toEqual([...keys, 'a', 'd']);
  });

  it('what a running task has stays, however many others come and go', async () => {
    const threads = new Threads(2);
    await threads.get(0, 'mine');
    for (const key of keys) {
      await threads.get(1, key);
      threads.endTask(1);
    }
    await threads.get(1, 'mine');
    expect(threads.loaded).toEqual(['mine', ...keys]);
    threads.endTask(1);
    // Not for the task of a thread that is no more.
    threads.die(0);
    for (const key of keys) {
      await threads.get(1, key);
      threads.endTask(1);
    }
    await threads.get(1, 'mine');
    expect(threads.loaded.filter((key) => key === 'mine')).toHaveLength(2);
  });

  it('what is still to come when a task ends comes for the next one', async () => {
    const threads = new Threads(1);
    const early = threads.get(0, 'a');
    threads.endTask(0);
    const late = threads.get(0, 'a');
    expect(await late).toBe(await early);
    expect(threads.loaded).toEqual(['a']);
  });
});
