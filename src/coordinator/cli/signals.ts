import { ExitCode } from '../../support/errors.js';

const handled = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof handled)[number];

/** Whether the user wants an end in order (the first signal) or at once (the second one). */
export class Signals {
  first: EndSignal | undefined;
  readonly #interruption = new AbortController();
  #onFirst: ((signal: EndSignal) => void) | undefined;
  #onSecond: (() => void) | undefined;
  readonly #listener = (signal: EndSignal): void => this.#received(signal);

  constructor() {
    for (const signal of handled) process.on(signal, this.#listener);
  }

  /** Aborted by the first signal. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Called at once where the signal has come before. */
  onFirst(listener: (signal: EndSignal) => void): void {
    this.#onFirst = listener;
    if (this.first) listener(this.first);
  }

  /** Called before the process ends. */
  onSecond(listener: () => void): void {
    this.#onSecond = listener;
  }

  close(): void {
    for (const signal of handled) process.off(signal, this.#listener);
  }

  #received(signal: EndSignal): void {
    if (this.first) {
      this.#onSecond?.();
      process.exit(signal === 'SIGINT' ? ExitCode.Interrupted : ExitCode.Failure);
    }
    this.first = signal;
    this.#interruption.abort();
    this.#onFirst?.(signal);
  }
}
