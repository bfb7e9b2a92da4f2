import { createInbox } from 'nats';
import { messageText } from './codec.js';
import { protocolVersion, type Report } from './messages.js';
import { BusClosedError, type Publisher } from './publisher.js';
import { reportSubject } from './subjects.js';

/** A message takes at most so many reports ... */
export const mostTogether = 200;
/** ... and, with more than one, at most so many characters. */
const mostCharacters = 256 * 1024;

const encoder = new TextEncoder();

/**
 * Sends reports in order, those of one sweep together: while a message is under way the next ones gather, and go as one
 * when it is stored. So a report that comes alone goes at once, and a thousand a second cost nats-server and the
 * coordinator a hundred messages.
 */
export class ReportSender {
  readonly #lines = new Map<string, ReportLine>();
  /** No other sender's message ids are the same. */
  readonly #id = createInbox().replace(/^.*\./, '');
  #messages = 0;
  #characters = 0;

  /** @param log one line about reports that the stream will never take */
  constructor(
    private readonly publisher: Publisher,
    private readonly log: (line: string) => void,
  ) {}

  /** Characters of the reports that are not yet stored. */
  get waiting(): number {
    return this.#characters;
  }

  /** @throws MessageTooLargeError */
  add(report: Report, what: string): void {
    const { sweepId, workerId } = report;
    const text = messageText(what, report);
    const line = this.#lines.get(sweepId) ?? new ReportLine((texts) => this.#send(sweepId, workerId, texts));
    this.#lines.set(sweepId, line);
    this.#characters += text.length;
    line.add(text);
  }

  /** Resolves when everything that was given until now is stored, or refused for good; what comes later is not waited for. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lines.values()].map((line) => line.idle()));
  }

  async #send(sweepId: string, workerId: string, texts: readonly string[]): Promise<void> {
    const payload = encoder.encode(`{"version":${protocolVersion},"reports":[${texts.join(',')}]}`);
    const messageId = `${this.#id}:${++this.#messages}`;
    try {
      await this.publisher.publish(reportSubject(sweepId, workerId), payload, messageId);
    } catch (error) {
      // Closed before it was stored: whoever closes without flushing first knows what it gives up.
      if (!(error instanceof BusClosedError)) this.log((error as Error).message);
    }
    for (const text of texts) this.#characters -= text.length;
  }
}

/** The reports of one sweep on their way: one message at a time. */
class ReportLine {
  /** What each of the next messages will hold. */
  readonly #messages: string[][] = [];
  /** Room in the last one. */
  #room = 0;
  #charactersLeft = 0;
  #given = 0;
  #settled = 0;
  #isBusy = false;
  #idle: { readonly upTo: number; readonly resolve: () => void }[] = [];

  constructor(private readonly send: (texts: readonly string[]) => Promise<void>) {}

  add(text: string): void {
    const last = this.#messages.at(-1);
    if (last && this.#room > 0 && this.#charactersLeft >= text.length) {
      last.push(text);
    } else {
      this.#messages.push([text]);
      this.#room = mostTogether;
      this.#charactersLeft = mostCharacters;
    }
    this.#room--;
    this.#charactersLeft -= text.length;
    this.#given++;
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What is reported in this turn of the event loop goes together.
    setImmediate(() => void this.#work());
  }

  async idle(): Promise<void> {
    if (this.#settled === this.#given) return;
    await new Promise<void>((resolve) => this.#idle.push({ upTo: this.#given, resolve }));
  }

  async #work(): Promise<void> {
    for (let texts; (texts = this.#messages.shift());) {
      await this.send(texts);
      this.#settled += texts.length;
      while (this.#idle[0] && this.#idle[0].upTo <= this.#settled) this.#idle.shift()?.resolve();
    }
    this.#isBusy = false;
  }
}
