/** One server-sent event. */
export interface ReadEvent {
  readonly name: string;
  readonly id?: string;
  readonly data: unknown;
}

/** Reads server-sent events over real HTTP, one after the other. */
export class EventReader {
  #parts: string[] = [];
  readonly #blocks: string[] = [];
  readonly #abort = new AbortController();
  #reader: ReadableStreamDefaultReader<string> | undefined;

  async connect(url: string | URL, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(url, { headers, signal: this.#abort.signal });
    this.#reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    return response;
  }

  /** The next event of this name; those between are skipped. Rejects when the stream ends. */
  async next(name: string): Promise<ReadEvent> {
    for (;;) {
      const event = await this.any();
      if (event.name === name) return event;
    }
  }

  /** All events up to and including the first of this name. */
  async until(name: string): Promise<ReadEvent[]> {
    const events: ReadEvent[] = [];
    for (;;) {
      const event = await this.any();
      events.push(event);
      if (event.name === name) return events;
    }
  }

  async any(): Promise<ReadEvent> {
    while (this.#blocks.length === 0) {
      const { value, done } = (await this.#reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new Error('the stream has ended');
      // Events can have megabytes: they are put together once, when their end has come.
      const mayEnd = `${this.#parts.at(-1)?.slice(-1) ?? ''}${value}`.includes('\n\n');
      this.#parts.push(value);
      if (!mayEnd) continue;
      const blocks = this.#parts.join('').split('\n\n');
      this.#parts = [blocks.pop() ?? ''];
      this.#blocks.push(...blocks);
    }
    const block = this.#blocks.shift() ?? '';
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const id = fields.get('id');
    return {
      name: fields.get('event') ?? '',
      ...(id !== undefined && { id }),
      data: JSON.parse(fields.get('data') ?? 'null') as unknown,
    };
  }

  close(): void {
    this.#abort.abort();
  }
}
