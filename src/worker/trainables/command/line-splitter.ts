import { StringDecoder } from 'node:string_decoder';

const maxLine = 1024 * 1024;

/**
 * Cuts a stream of bytes into lines, at newlines and at the carriage returns of progress bars. What a line has beyond
 * 1 MiB is dropped: a program that never ends its line must not fill the memory.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #parts: string[] = [];
  #length = 0;

  constructor(private readonly onLine: (line: string) => void) {}

  write(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** The stream has ended: what is left is a line. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#length > 0) this.#flush();
  }

  #take(text: string): void {
    let from = 0;
    for (const match of text.matchAll(/[\r\n]/g)) {
      this.#keep(text.slice(from, match.index));
      this.#flush();
      from = match.index + 1;
    }
    this.#keep(text.slice(from));
  }

  #keep(part: string): void {
    const kept = part.slice(0, maxLine - this.#length);
    if (kept.length === 0) return;
    this.#parts.push(kept);
    this.#length += kept.length;
  }

  #flush(): void {
    const line = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    if (line.length > 0) this.onLine(line);
  }
}
