/** Where `start` shows how it goes on. */
export interface Screen {
  /** What a user wants to read once. */
  line(text: string): void;
  /** How it stands now; replaces what was shown before. */
  progress(text: string): void;
  /** Something went wrong: shown also where the user asked for quiet. */
  warn(text: string): void;
  /** The last progress stays. */
  end(): void;
}

export interface ScreenOptions {
  readonly quiet: boolean;
  readonly output?: NodeJS.WriteStream;
  readonly errors?: NodeJS.WriteStream;
}

/** Without a terminal a line comes every ten seconds, later every minute: logs shall stay short. Milliseconds. */
const logInterval = 10_000;
const laterLogInterval = 60_000;

/** One live line at the bottom of a terminal; a line every so often in a log. */
export function createScreen(options: ScreenOptions): Screen {
  const { quiet, output = process.stdout, errors = process.stderr } = options;
  // A reader that went away (`| head`) is no reason to end a sweep.
  output.on('error', () => undefined);
  errors.on('error', () => undefined);
  return output.isTTY && !quiet ? new LiveScreen(output) : new LogScreen(output, errors, quiet);
}

class LiveScreen implements Screen {
  #current = '';

  constructor(private readonly output: NodeJS.WriteStream) {}

  line(text: string): void {
    this.output.write(`${clearLine}${text}\n${this.#current}`);
  }

  progress(text: string): void {
    this.#current = text.slice(0, Math.max(20, this.output.columns - 1));
    this.output.write(clearLine + this.#current);
  }

  warn(text: string): void {
    this.line(text);
  }

  end(): void {
    if (this.#current !== '') this.output.write('\n');
    this.#current = '';
  }
}

const clearLine = '\r\u001b[2K';

class LogScreen implements Screen {
  readonly #since = performance.now();
  #last = '';
  #lastAt = performance.now();
  #shown = '';

  constructor(
    private readonly output: NodeJS.WriteStream,
    private readonly errors: NodeJS.WriteStream,
    private readonly quiet: boolean,
  ) {}

  line(text: string): void {
    if (!this.quiet) this.output.write(`${text}\n`);
  }

  progress(text: string): void {
    this.#last = text;
    const now = performance.now();
    const interval = now - this.#since < 10 * logInterval ? logInterval : laterLogInterval;
    if (now - this.#lastAt >= interval) this.#show(now);
  }

  warn(text: string): void {
    this.errors.write(`${text}\n`);
  }

  end(): void {
    this.#show(performance.now());
  }

  #show(now: number): void {
    this.#lastAt = now;
    if (this.#last !== this.#shown) this.line(this.#last);
    this.#shown = this.#last;
  }
}
