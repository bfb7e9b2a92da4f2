import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from 'nats';
import { messageOf } from '../support/errors.js';
import type { ReportsSubscription } from './bus.js';
import { checkMessage, decodeMessage, MessageRefusedError } from './codec.js';
import { within, type BusConnection } from './connection.js';
import { acknowledge, deliverySequence, streamSequence } from './delivered.js';
import { reportMessageSchema, reportSchema, type Report } from './messages.js';
import { PullRequests } from './pull-requests.js';
import { reportsStream, sweepConsumer } from './subjects.js';

/** A group is what came within so many milliseconds of its first report ... */
const groupTime = 10;
/** ... and at most so many reports. A message (`mostTogether` reports) is never torn apart. */
const groupSize = 500;
/**
 * After a group of so many reports the next one gathers a little longer, from the beginning of the last one: what a
 * group costs is hardly more for many reports than for few.
 */
const manyReports = 30;
const longerTime = 30;
/** Messages that are asked for at a time. */
const askedFor = 50;
/** Nothing more is asked for while so many reports wait for the handler: what arrives faster stays in the stream. */
const mostWaiting = 2 * groupSize;
/** Milliseconds between looks whether the backlog is done. */
const lookInterval = 50;

/** How far a stream and its consumer are. */
export interface Backlog {
  /** Messages that were not delivered, or not acknowledged. */
  readonly pending: number;
  /** The sequence of the newest message in the stream, of whatever sweep. */
  readonly newest: number;
}

export interface ReportGroupsOptions {
  readonly sweepId: string;
  readonly handle: (reports: readonly Report[]) => Promise<void>;
  /** Creates stream and consumer anew, the consumer going on after what was acknowledged. */
  readonly restartConsumer: () => Promise<void>;
  readonly backlog: () => Promise<Backlog>;
}

/** A message of the stream and what could be read of it. */
interface Received {
  readonly message: Msg;
  readonly reports: readonly Report[];
}

/**
 * Hands the reports of a sweep to a handler, group after group, and acknowledges a group once the handler has resolved.
 * While it rejects the same group is tried again and nothing after it is touched: reports wait in the stream.
 */
export class ReportGroups implements ReportsSubscription {
  #pull: PullRequests | undefined;
  readonly #waiting: Received[] = [];
  /** Reports in them. */
  #waitingReports = 0;
  /** When the last group began, where it had many reports. */
  #lastLarge = -Infinity;
  /** Where the last message that was handled stands in the stream. */
  #handledUpTo = 0;
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

  async caughtUp(): Promise<void> {
    const { newest, pending } = await this.options.backlog();
    for (
      let left = pending;
      left > 0 && this.#handledUpTo < newest;
      left = (await this.options.backlog()).pending
    ) {
      await sleep(lookInterval, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
    }
  }

  #listen(): void {
    this.#forgetWaiting();
    this.#delivered = 0;
    this.#pull = new PullRequests(this.connection, reportsStream, sweepConsumer(this.options.sweepId), {
      message: (message) => this.#received(message),
      ended: (reason) => (reason === 'expired' ? this.#request() : this.#restart()),
    });
    this.#request();
  }

  #request(): void {
    if (this.#stop.signal.aborted || !this.#pull || this.#pull.active || !this.connection.connected) return;
    if (this.#waitingReports < mostWaiting) this.#pull.request(askedFor);
  }

  #forgetWaiting(): void {
    this.#waiting.length = 0;
    this.#waitingReports = 0;
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
    this.#forgetWaiting();
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
    const reports = this.#decode(message);
    this.#waiting.push({ message, reports });
    this.#waitingReports += reports.length;
    this.#gather(groupTime);
    this.#request();
  }

  /** Begins a group in so many milliseconds, or when there are enough for one. */
  #gather(milliseconds: number): void {
    if (this.#waitingReports >= groupSize) return this.#startGroup();
    const wait = Math.max(milliseconds, this.#lastLarge + longerTime - performance.now());
    this.#groupTimer ??= setTimeout(() => this.#startGroup(), wait);
  }

  #startGroup(): void {
    clearTimeout(this.#groupTimer);
    this.#groupTimer = undefined;
    if (this.#handling || this.#stop.signal.aborted || this.#waiting.length === 0) return;
    const group = this.#takeGroup();
    this.#handling = this.#handleUntilDone(group).finally(() => {
      this.#handling = undefined;
      this.#request();
      // What came in the meantime has waited long enough, unless much comes.
      if (this.#waiting.length > 0) this.#gather(0);
    });
  }

  #takeGroup(): readonly Received[] {
    let messages = 0;
    let reports = 0;
    for (const received of this.#waiting) {
      if (messages > 0 && reports + received.reports.length > groupSize) break;
      messages++;
      reports += received.reports.length;
    }
    this.#waitingReports -= reports;
    if (reports >= manyReports) this.#lastLarge = performance.now();
    return this.#waiting.splice(0, messages);
  }

  async #handleUntilDone(group: readonly Received[]): Promise<void> {
    const reports = group.flatMap((received) => received.reports);
    const last = group.at(-1)?.message;
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      try {
        if (reports.length > 0) await this.options.handle(reports);
        // Acknowledges all before it too (ack policy `all`).
        if (last && !this.connection.nats.isClosed()) acknowledge(last);
        if (last) this.#handledUpTo = streamSequence(last);
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

  /** What can't be read is skipped, report by report. */
  #decode(message: Msg): readonly Report[] {
    const what = `report on ${message.subject}`;
    const found = this.#unlessRefused(() => decodeMessage(what, reportMessageSchema, message.data));
    return (found?.reports ?? []).flatMap(
      (value) => this.#unlessRefused(() => checkMessage(what, reportSchema, value)) ?? [],
    );
  }

  #unlessRefused<T>(read: () => T): T | undefined {
    try {
      return read();
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
