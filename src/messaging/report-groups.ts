import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from 'nats';
import { messageOf } from '../support/errors.js';
import type { Subscription } from './bus.js';
import { decodeMessage, MessageRefusedError } from './codec.js';
import { within, type BusConnection } from './connection.js';
import { acknowledge, deliverySequence } from './delivered.js';
import { reportSchema, type Report } from './messages.js';
import { PullRequests } from './pull-requests.js';
import { reportsStream, sweepConsumer } from './subjects.js';

/** A group is what came within so many milliseconds of its first report ... */
const groupTime = 10;
/** ... and at most so many reports. */
const groupSize = 500;
/** Nothing more is asked for while so many wait for the handler: what arrives faster stays in the stream. */
const mostWaiting = 2 * groupSize;

export interface ReportGroupsOptions {
  readonly sweepId: string;
  readonly handle: (reports: readonly Report[]) => Promise<void>;
  /** Creates stream and consumer anew, the consumer going on after what was acknowledged. */
  readonly restartConsumer: () => Promise<void>;
}

/**
 * Hands the reports of a sweep to a handler, group after group, and acknowledges a group once the handler has resolved.
 * While it rejects the same group is tried again and nothing after it is touched: reports wait in the stream.
 */
export class ReportGroups implements Subscription {
  #pull: PullRequests | undefined;
  readonly #waiting: Msg[] = [];
  #groupTimer: NodeJS.Timeout | undefined;
  #delivered = 0;
  #handling: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;
  readonly #stopListening: () => void;
  readonly #stop = new AbortController();

  constructor(
    private readonly connection: BusConnection,
    private readonly options: ReportGroupsOptions,
  ) {
    this.#stopListening = connection.onReconnect(() => this.#restart());
  }

  /** Resolves when the consumer stands. Rejects where it can't be created. */
  async start(): Promise<void> {
    await this.options.restartConsumer();
    this.#listen();
  }

  /** Waits for the group that is being handled, ten seconds at most; what is not acknowledged comes again to the next consumer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#stopListening();
    clearTimeout(this.#groupTimer);
    await this.#pull?.stop();
    await within(10_000, Promise.all([this.#handling, this.#restarting]));
  }

  #listen(): void {
    this.#waiting.length = 0;
    this.#delivered = 0;
    this.#pull = new PullRequests(this.connection, reportsStream, sweepConsumer(this.options.sweepId), {
      message: (message) => this.#received(message),
      ended: (reason) => (reason === 'expired' ? this.#request() : this.#restart()),
    });
    this.#request();
  }

  #request(): void {
    if (this.#stop.signal.aborted || !this.#pull || this.#pull.active || !this.connection.connected) return;
    if (this.#waiting.length < mostWaiting) this.#pull.request(groupSize);
  }

  /** Something may have been lost on the way: drops what is not handled yet and reads again from there. */
  #restart(): void {
    if (this.#restarting || this.#stop.signal.aborted || !this.connection.connected) return;
    this.#restarting = this.#restartUntilDone().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #restartUntilDone(): Promise<void> {
    await this.#pull?.stop();
    this.#pull = undefined;
    this.#waiting.length = 0;
    await this.#handling;
    // Two who take the same consumer from each other shall not do it a thousand times a second.
    await this.#pauseAfter(0);
    for (let failures = 0; !this.#stop.signal.aborted && this.connection.connected; failures++) {
      try {
        await this.options.restartConsumer();
        return this.#listen();
      } catch (error) {
        if (failures === 0) this.#log(`the consumer is not there yet: ${messageOf(error)}`);
        await this.#pauseAfter(failures);
      }
    }
  }

  #received(message: Msg): void {
    if (this.#stop.signal.aborted || this.#restarting) return;
    if (deliverySequence(message) !== ++this.#delivered) return this.#restart();
    this.#waiting.push(message);
    if (this.#waiting.length >= groupSize) this.#startGroup();
    else this.#groupTimer ??= setTimeout(() => this.#startGroup(), groupTime);
    this.#request();
  }

  #startGroup(): void {
    clearTimeout(this.#groupTimer);
    this.#groupTimer = undefined;
    if (this.#handling || this.#stop.signal.aborted || this.#waiting.length === 0) return;
    this.#handling = this.#handleUntilDone(this.#waiting.splice(0, groupSize)).finally(() => {
      this.#handling = undefined;
      this.#request();
      // What came in the meantime has waited long enough.
      this.#startGroup();
    });
  }

  async #handleUntilDone(group: readonly Msg[]): Promise<void> {
    const reports = group.flatMap((message) => this.#decode(message) ?? []);
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      try {
        if (reports.length > 0) await this.options.handle(reports);
        const last = group.at(-1);
        // Acknowledges all before it too (ack policy `all`).
        if (last && !this.connection.nats.isClosed()) acknowledge(last);
        return;
      } catch (error) {
        if (failures === 0) {
          this.#log(`${reports.length} could not be handled, trying again: ${messageOf(error)}`);
        }
        await this.#pauseAfter(failures);
      }
    }
  }

  async #pauseAfter(failures: number): Promise<void> {
    const { signal } = this.#stop;
    await sleep(Math.min(5000, 50 * 2 ** failures), undefined, { signal }).catch(() => undefined);
  }

  #decode(message: Msg): Report | undefined {
    try {
      return decodeMessage(`report on ${message.subject}`, reportSchema, message.data);
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error;
      this.#log(`${error.message}; skipped`);
      return undefined;
    }
  }

  #log(line: string): void {
    this.connection.log(`reports of sweep ${this.options.sweepId}: ${line}`);
  }
}
