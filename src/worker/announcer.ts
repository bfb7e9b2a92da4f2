import type { WorkerBus } from '../messaging/bus.js';
import { protocolVersion, type WorkerState } from '../messaging/messages.js';
import { messageOf } from '../support/errors.js';

/** What a worker is, as long as it lives. */
export interface Machine extends Pick<
  WorkerState,
  'host' | 'pid' | 'pool' | 'slots' | 'backend' | 'device' | 'memoryBytes' | 'startedAt'
> {
  readonly id: string;
}

export interface Presence {
  readonly state: 'INITIALIZED' | 'RUNNING' | 'DRAINING' | 'STOPPED';
  readonly running: WorkerState['running'];
  readonly busy: number;
  readonly packs: NonNullable<WorkerState['packs']>;
}

const interval = 2_000;
/** Milliseconds within which changes go together: a thousand trials a second are no thousand announcements. */
const together = 200;
const publicState = {
  INITIALIZED: 'running',
  RUNNING: 'running',
  DRAINING: 'draining',
  STOPPED: 'stopped',
} as const satisfies Record<Presence['state'], WorkerState['state']>;

/** Tells the fleet that this worker lives and what it does: every two seconds, and soon after each change. */
export class Announcer {
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #ended = false;

  constructor(
    private readonly bus: WorkerBus,
    private readonly machine: Machine,
    private readonly presence: () => Presence,
    private readonly log: (text: string) => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.#announce(), interval);
    void this.#announce();
  }

  changed(): void {
    if (this.#soon || this.#ended) return;
    const wait = Math.max(0, this.#lastAt + together - performance.now());
    this.#soon = setTimeout(() => void this.#announce(), wait);
  }

  /** Says the last state, and nothing after it. */
  async stop(): Promise<void> {
    this.cancel();
    await this.#announce();
  }

  cancel(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
  }

  async #announce(): Promise<void> {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#lastAt = performance.now();
    const { id, ...machine } = this.machine;
    const { state, ...rest } = this.presence();
    try {
      await this.bus.announce({
        ...machine,
        version: protocolVersion,
        workerId: id,
        ...rest,
        state: publicState[state],
        at: Date.now(),
      });
    } catch (error) {
      // The next one comes by itself; who misses several is taken for dead, rightly.
      this.log(`could not announce itself: ${messageOf(error)}`);
    }
  }
}
