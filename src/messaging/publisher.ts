import { headers, type Msg, type MsgHdrs } from 'nats';
import type { BusConnection } from './connection.js';
import { ApiErrorCode } from './streams.js';

/** The bus was closed before the stream had stored the message. */
export class BusClosedError extends Error {
  override readonly name = 'BusClosedError';
}

/** The stream will never take this message. */
export class MessageRejectedError extends Error {
  override readonly name = 'MessageRejectedError';
}

export interface PublisherOptions {
  /** Messages under way at a time. @default 100 */
  readonly window?: number;
  /** Milliseconds without an answer after which everything under way is sent again. @default 5 000 */
  readonly patience?: number;
  /** Called when the stream does not answer as it should, before the next try: the coordinator creates what is missing. */
  readonly repair?: () => Promise<void>;
}

interface Entry {
  readonly token: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  sentAt: number;
}

/**
 * Publishes to a stream until the stream has stored it, over lost connections and restarts of nats-server. Messages are
 * sent in the order they were given, `window` at a time; what is not acknowledged is sent again in the same order and
 * under the same message id, which the stream stores once. Bounded by its callers: whoever must not run ahead waits
 * for the promises.
 */
export class Publisher {
  readonly #waiting = new Map<number, Entry>();
  readonly #underWay = new Map<number, Entry>();
  readonly #inbox: string;
  readonly #stopListening: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #window: number;
  readonly #patience: number;
  #nextToken = 1;
  /** Set while nothing is sent because the last answer was an error. */
  #pause: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(
    private readonly connection: BusConnection,
    private readonly options: PublisherOptions = {},
  ) {
    this.#window = options.window ?? 100;
    this.#patience = options.patience ?? 5000;
    this.#inbox = connection.newInbox();
    const subscription = connection.nats.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#answered(message);
      },
    });
    this.#stopListening.push(
      () => subscription.unsubscribe(),
      connection.onReconnect(() => this.#resend()),
    );
    this.#timer = setInterval(() => this.#checkPatience(), 1000).unref();
  }

  /**
   * Resolves when the stream has stored the message, or had stored one of that id within its duplicate window.
   * @throws MessageRejectedError, BusClosedError
   */
  publish(subject: string, payload: Uint8Array, messageId: string): Promise<void> {
    if (this.#closed) return Promise.reject(new BusClosedError('the bus is closed'));
    return new Promise((resolve, reject) => {
      const header = headers();
      header.set('Nats-Msg-Id', messageId);
      const token = this.#nextToken++;
      this.#waiting.set(token, { token, subject, payload, headers: header, resolve, reject, sentAt: 0 });
      this.#fill();
    });
  }

  /** Rejects what was not stored. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#pause);
    for (const stop of this.#stopListening) stop();
    for (const entry of [...this.#underWay.values(), ...this.#waiting.values()]) {
      entry.reject(new BusClosedError(`the bus was closed before ${entry.subject} was stored`));
    }
    this.#underWay.clear();
    this.#waiting.clear();
  }

  #fill(): void {
    if (this.#pause !== undefined || !this.connection.connected) return;
    for (const [token, entry] of this.#waiting) {
      if (this.#underWay.size >= this.#window) return;
      this.#waiting.delete(token);
      this.#underWay.set(token, entry);
      this.#send(entry);
    }
  }

  #send(entry: Entry): void {
    entry.sentAt = performance.now();
    this.connection.nats.publish(entry.subject, entry.payload, {
      reply: `${this.#inbox}.${entry.token}`,
      headers: entry.headers,
    });
  }

  #answered(message: Msg): void {
    const entry = this.#underWay.get(Number(message.subject.slice(this.#inbox.length + 1)));
    if (!entry) return;
    const problem = problemOf(message);
    if (problem === undefined) {
      this.#failures = 0;
      this.#underWay.delete(entry.token);
      entry.resolve();
    } else if (problem.final) {
      this.#underWay.delete(entry.token);
      entry.reject(new MessageRejectedError(`${entry.subject} was not stored: ${problem.text}`));
    } else {
      this.#tryAgainLater(entry.subject, problem.text);
    }
    this.#fill();
  }

  #tryAgainLater(subject: string, problem: string): void {
    if (this.#pause !== undefined) return;
    const delay = Math.min(5000, 100 * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    if (this.#failures++ === 0) this.connection.log(`${subject} was not stored (${problem}); trying again`);
    this.#pause = setTimeout(() => {
      void this.#repair().finally(() => {
        this.#pause = undefined;
        this.#resend();
      });
    }, delay);
  }

  async #repair(): Promise<void> {
    try {
      await this.options.repair?.();
    } catch {
      // The next answer says what is still wrong.
    }
  }

  /** In order, everything that was sent and not acknowledged: what was stored after all is known by its id. */
  #resend(): void {
    if (this.#closed || this.#pause !== undefined || !this.connection.connected) return;
    for (const entry of this.#underWay.values()) this.#send(entry);
    this.#fill();
  }

  #checkPatience(): void {
    const [oldest] = this.#underWay.values();
    if (oldest && performance.now() - oldest.sentAt > this.#patience) this.#resend();
  }
}

/** What is wrong with a stream's answer to a publish; `final` where the same message would be refused again. */
function problemOf(message: Msg): { text: string; final: boolean } | undefined {
  if (message.headers?.code === 503) return { text: 'no stream takes it', final: false };
  let answer: { error?: { err_code?: number; description?: string } };
  try {
    answer = message.json();
  } catch {
    return { text: 'the answer is not JSON', final: false };
  }
  if (!answer.error) return undefined;
  return {
    text: answer.error.description ?? 'no reason given',
    final: answer.error.err_code === ApiErrorCode.MessageTooLarge,
  };
}
