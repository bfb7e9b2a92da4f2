import type { ErrorBody } from '../../api.js';

/** How it stands between this page and its server. */
export type ConnectionStatus =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The server does not answer; tried again at `retryAt` (milliseconds since the epoch, by this machine). */
  | { readonly kind: 'lost'; readonly retryAt: number }
  /** The server answers that it won't: no such sweep, no right to see it. Not tried again. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

export interface ConnectionOptions<Events> {
  /** Where the events are. */
  readonly url: string;
  /** What answers with a status and a text where the events don't: an event source tells neither. */
  readonly probeUrl: string;
  readonly handlers: { readonly [K in keyof Events]: (data: Events[K], id: string) => void };
  readonly onStatus: (status: ConnectionStatus) => void;
}

type Timer = ReturnType<typeof setTimeout>;

const firstRetryDelay = 500;
const longestRetryDelay = 5_000;
/** The server gives a sign of life every 10 s. */
const silenceLimit = 25_000;
/** A browser gives a server six connections: tabs that nobody looks at let go of theirs. */
const hiddenLimit = 20_000;

/** Server-sent events that come back after every kind of interruption, and say how it stands. */
export class EventConnection<Events> {
  #source: EventSource | undefined;
  #retryDelay = firstRetryDelay;
  #retryTimer: Timer | undefined;
  #silenceTimer: Timer | undefined;
  #hiddenTimer: Timer | undefined;
  #closed = false;

  constructor(private readonly options: ConnectionOptions<Events>) {
    document.addEventListener('visibilitychange', this.#onVisibility);
    addEventListener('online', this.#onOnline);
    this.options.onStatus({ kind: 'connecting' });
    this.#connect();
  }

  /** Tries at once instead of at the time that was planned. */
  retry(): void {
    if (this.#closed || this.#source) return;
    this.#retryDelay = firstRetryDelay;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    document.removeEventListener('visibilitychange', this.#onVisibility);
    removeEventListener('online', this.#onOnline);
    clearTimeout(this.#hiddenTimer);
    this.#disconnect();
  }

  #connect(): void {
    this.#disconnect();
    const source = new EventSource(this.options.url);
    this.#source = source;
    source.onopen = () => {
      this.#retryDelay = firstRetryDelay;
      this.options.onStatus({ kind: 'live' });
      this.#heard();
    };
    source.onerror = () => {
      this.#disconnect();
      void this.#findOutWhy();
    };
    for (const name of Object.keys(this.options.handlers) as (keyof Events & string)[]) {
      source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
        this.#heard();
        this.options.handlers[name](JSON.parse(data) as Events[typeof name], lastEventId);
      });
    }
  }

  #disconnect(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
  }

  #heard(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#disconnect();
      this.#planRetry();
    }, silenceLimit);
  }

  async #findOutWhy(): Promise<void> {
    const refusal = await fetch(this.options.probeUrl, { signal: AbortSignal.timeout(5_000) })
      .then(async (response) => {
        if (response.status < 400 || response.status >= 500) return undefined;
        const { error } = (await response.json()) as ErrorBody;
        return { kind: 'refused', ...error } as const;
      })
      .catch(() => undefined);
    if (this.#closed || this.#source) return;
    if (refusal) this.options.onStatus(refusal);
    else this.#planRetry();
  }

  #planRetry(): void {
    this.options.onStatus({ kind: 'lost', retryAt: Date.now() + this.#retryDelay });
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryDelay);
    this.#retryDelay = Math.min(this.#retryDelay * 2, longestRetryDelay);
  }

  readonly #onOnline = () => this.retry();

  readonly #onVisibility = () => {
    clearTimeout(this.#hiddenTimer);
    if (document.visibilityState === 'hidden') {
      this.#hiddenTimer = setTimeout(() => this.#disconnect(), hiddenLimit);
    } else this.retry();
  };
}
