import type { Msg } from 'nats';
import type { Delivery } from './bus.js';
import { decodeMessage, MessageRefusedError } from './codec.js';
import type { BusConnection } from './connection.js';
import { acknowledge, handBack, inProgress, putAside, redeliveries } from './delivered.js';
import { assignmentSchema, type Assignment } from './messages.js';
import { PullRequests, type PullEnd } from './pull-requests.js';
import { assignmentsStream, poolConsumer } from './subjects.js';

/** Milliseconds before an assignment of another protocol version is offered again: to a worker that speaks it. */
const otherVersionDelay = 5000;
/** Milliseconds between tries while requests are refused: the coordinator has not created the pool's consumer yet. */
const retryDelay = 200;

/**
 * Takes assignments of one pool, one at a time: one source for each call that waits at the same time. It holds no
 * message that nobody asked for.
 */
export class AssignmentSource {
  readonly #pull: PullRequests;
  #waiting: ((delivery: Delivery | undefined) => void) | undefined;
  readonly #stopListening: () => void;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly connection: BusConnection,
    pool: string,
  ) {
    this.#pull = new PullRequests(connection, assignmentsStream, poolConsumer(pool), {
      message: (message) => this.#received(message),
      ended: (reason) => this.#ended(reason),
    });
    this.#stopListening = connection.onReconnect(() => this.#request());
  }

  /** Waits until an assignment comes. The source is used up when the signal aborts (`undefined`). */
  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    if (signal.aborted || this.#stopped) return undefined;
    const aborted = (): void => this.#settle(undefined);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      return await new Promise<Delivery | undefined>((resolve) => {
        this.#waiting = resolve;
        this.#request();
      });
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    clearTimeout(this.#retry);
    this.#settle(undefined);
    await this.#pull.stop();
  }

  #settle(delivery: Delivery | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(delivery);
  }

  #request(): void {
    if (this.#stopped || !this.#waiting || this.#pull.active || !this.connection.connected) return;
    this.#pull.request(1);
  }

  #ended(reason: PullEnd): void {
    if (reason === 'expired') return this.#request();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#request(), retryDelay * (0.5 + Math.random()));
  }

  #received(message: Msg): void {
    if (!this.#waiting) {
      // Asked for by a call that is over by now.
      handBack(message, 0);
      return;
    }
    const assignment = this.#decode(message);
    if (assignment) this.#settle(delivery(message, assignment));
    else this.#request();
  }

  #decode(message: Msg): Assignment | undefined {
    try {
      return decodeMessage(`assignment on ${message.subject}`, assignmentSchema, message.data);
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error;
      if (error.reason === 'version') handBack(message, otherVersionDelay);
      else putAside(message);
      this.connection.log(`${error.message}; ${error.reason === 'version' ? 'left to others' : 'put aside'}`);
      return undefined;
    }
  }
}

function delivery(message: Msg, assignment: Assignment): Delivery {
  return {
    assignment,
    redeliveries: redeliveries(message),
    working: () => inProgress(message),
    done: () => {
      acknowledge(message);
      return Promise.resolve();
    },
    giveBack: (delay) => handBack(message, delay),
  };
}
