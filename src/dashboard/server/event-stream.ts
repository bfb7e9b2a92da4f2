import type { Request, Response } from 'express';

/**
 * One client that listens to server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * What the client does not take waits in the response's buffer; `congested` says so, and whoever sends then waits
 * for `drained()`, so that a slow client costs no more memory than one event.
 */
export class EventStream {
  #open = true;
  #congested = false;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #onClose: (() => void)[] = [];
  #onDrain: (() => void)[] = [];

  constructor(
    request: Request,
    private readonly response: Response,
    heartbeatInterval: number,
  ) {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // For a proxy in front that would collect the answer first.
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    response.on('drain', () => this.#drain());
    response.on('close', () => this.#ended());
    response.on('error', () => this.#ended());
    request.socket.setNoDelay(true);
    this.#heartbeat = setInterval(() => {
      if (!this.#congested) this.send('heartbeat', JSON.stringify({ now: Date.now() }));
    }, heartbeatInterval);
    // Nobody listens: what the connection is asked next would wait for ever.
    if (request.method === 'HEAD') this.end();
  }

  get open(): boolean {
    return this.#open;
  }

  /** The client has not taken yet what was sent. */
  get congested(): boolean {
    return this.#congested;
  }

  /** `data` is one line of JSON; the client sends the last `id` again when it comes back. */
  send(event: string, data: string, id?: number): void {
    if (!this.#open) return;
    const head = id === undefined ? `event: ${event}\n` : `event: ${event}\nid: ${id}\n`;
    if (!this.response.write(`${head}data: ${data}\n\n`)) this.#congested = true;
  }

  /** Resolves when the client has taken what was sent, or is gone. */
  async drained(): Promise<void> {
    while (this.#open && this.#congested) {
      await new Promise<void>((resolve) => this.#onDrain.push(resolve));
    }
  }

  onClose(handler: () => void): void {
    if (this.#open) this.#onClose.push(handler);
    else handler();
  }

  end(): void {
    if (!this.#open) return;
    this.response.end();
    this.#ended();
  }

  #drain(): void {
    this.#congested = false;
    const waiting = this.#onDrain;
    this.#onDrain = [];
    for (const resume of waiting) resume();
  }

  #ended(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#heartbeat);
    this.#drain();
    for (const handler of this.#onClose) handler();
  }
}
