import { setTimeout } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import {
  connect,
  createInbox,
  ErrorCode,
  Events,
  NatsError,
  type NatsConnection,
  type TlsOptions,
} from 'nats';
import { AwayError, EnvironmentError, messageOf } from '../support/errors.js';
import { describeAddress, type NatsAddress } from './join-string.js';

export interface ConnectOptions {
  readonly address: NatsAddress;
  /** Who this is, for nats-server's own listings. */
  readonly name: string;
  /** Replies come to subjects under this one; workers may listen to theirs alone. */
  readonly role: 'coordinator' | 'worker';
  /** One line about something that went wrong and goes on. @default silent */
  readonly log?: (line: string) => void;
  /** Milliseconds until a first connection must stand. @default 5 000 */
  readonly timeout?: number;
}

/** What JetStream must be able to do for us. */
const oldestServer = [2, 9] as const;

/** A line that comes again within so many milliseconds is not logged again. */
const sameLineInterval = 10_000;

/** A connection that comes back for as long as it is not closed. */
export class BusConnection {
  #connected = true;
  #loggedLast = { line: '', at: 0 };
  readonly #onReconnect = new Set<() => void>();
  readonly #onDisconnect = new Set<() => void>();

  constructor(
    readonly nats: NatsConnection,
    private readonly inboxPrefix: string,
    readonly log: (line: string) => void,
  ) {
    void this.#follow();
  }

  get connected(): boolean {
    return this.#connected && !this.nats.isClosed();
  }

  /** A subject of our own, for answers. */
  newInbox(): string {
    return createInbox(this.inboxPrefix);
  }

  /** Called after every reconnection: subscriptions are back, requests that were under way are not. */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener);
    return () => this.#onReconnect.delete(listener);
  }

  onDisconnect(listener: () => void): () => void {
    this.#onDisconnect.add(listener);
    return () => this.#onDisconnect.delete(listener);
  }

  /**
   * Runs what answers a message. Whatever it throws is logged: thrown on it would end the client library's reader, and
   * with it the connection.
   */
  guarded(what: string, answer: () => void): void {
    try {
      answer();
    } catch (error) {
      this.#logOnce(`${what}: ${messageOf(error)}; not answered`);
    }
  }

  /** A coordinator that was stopped for a while finds hundreds of questions that it may not answer any more. */
  #logOnce(line: string): void {
    const now = performance.now();
    if (line !== this.#loggedLast.line || now - this.#loggedLast.at > sameLineInterval) this.log(line);
    this.#loggedLast = { line, at: now };
  }

  /**
   * Tries until nats-server has answered, at once after a reconnection: a request that was under way then is lost.
   * Whatever is not an error of the connection or of JetStream is thrown.
   */
  async persistently<T>(what: string, action: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      let stopListening = (): unknown => undefined;
      const interrupted = new Promise<never>((_, reject) => {
        stopListening = this.onReconnect(() => reject(NatsError.errorForCode(ErrorCode.Disconnect)));
      });
      try {
        return await Promise.race([action(), interrupted]);
      } catch (error) {
        if (!(error instanceof NatsError) || this.nats.isClosed()) throw error;
        const known = error.code === String(ErrorCode.Disconnect);
        if (failures === 0 && !known) this.log(`${what}: ${messageOf(error)}; trying again`);
        await setTimeout(Math.min(5000, 100 * 2 ** failures));
      } finally {
        stopListening();
      }
    }
  }

  /** Ends the connection; what was published until now is still sent where the connection stands. */
  async close(): Promise<void> {
    if (this.nats.isClosed()) return;
    if (this.#connected) await within(1000, this.nats.flush());
    await this.nats.close();
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.nats.status()) {
      if (type === Events.Disconnect && this.#connected) {
        this.#connected = false;
        this.log('lost the connection to nats-server, trying again until it is back');
        for (const listener of this.#onDisconnect) listener();
      } else if (type === Events.Reconnect) {
        this.#connected = true;
        this.log('the connection to nats-server is back');
        for (const listener of this.#onReconnect) listener();
      }
    }
  }
}

/** @throws AwayError when no nats-server answers there; EnvironmentError where it is none that we can use */
export async function connectToNats(options: ConnectOptions): Promise<BusConnection> {
  const { address } = options;
  const inboxPrefix = `_INBOX.${options.role}`;
  const nats = await connect({
    servers: [describeAddress(address), ...(address.others ?? [])],
    ...(address.user === undefined ? {} : { user: address.user }),
    ...(address.password === undefined ? {} : { pass: address.password }),
    name: options.name,
    inboxPrefix,
    timeout: options.timeout ?? 5000,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    // Spread, so that a thousand workers do not knock in the same instant.
    reconnectDelayHandler: () => 100 + Math.random() * 900,
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(address.tls === undefined ? {} : { tls: tlsOptions(address.tls) }),
  }).catch((error: unknown) => {
    throw explained(error, address);
  });
  const problem = unfit(nats);
  if (problem !== undefined) {
    await nats.close();
    throw new EnvironmentError(`the nats-server at ${describeAddress(address)} ${problem}`);
  }
  return new BusConnection(nats, inboxPrefix, options.log ?? (() => undefined));
}

/** What `tls.connect` gets; the nats client hands on what it does not know. */
function tlsOptions(tls: string): TlsOptions {
  if (tls === 'system') return {};
  const lines = (
    Buffer.from(tls, 'base64url')
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n');
  const pinned: TlsOptions & Pick<ConnectionOptions, 'checkServerIdentity'> = {
    ca: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    // It is this certificate and no other, under whatever name the server is reached.
    checkServerIdentity: () => undefined,
  };
  return pinned;
}

function unfit(nats: NatsConnection): string | undefined {
  const { version = '0.0.0', jetstream } = nats.info ?? {};
  if (!isRecentEnough(version)) {
    return `is version ${version}; Sweepyard needs ${oldestServer.join('.')} or later`;
  }
  if (jetstream !== true) return 'runs without JetStream; start it with -js';
  return undefined;
}

export function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1]);
}

function explained(error: unknown, address: NatsAddress): EnvironmentError {
  const where = describeAddress(address);
  const code = error instanceof NatsError ? error.code : undefined;
  if (code === ErrorCode.AuthorizationViolation) {
    return new EnvironmentError(`the nats-server at ${where} does not accept this user and password`, {
      cause: error,
    });
  }
  const why = code === ErrorCode.ConnectionRefused ? 'the connection is refused' : messageOf(error);
  return new AwayError(`no nats-server answers at ${where}: ${why}`, { cause: error });
}

/** Waits for a promise, but no longer; whether it resolved. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = setTimeout(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const inTime = promise.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([inTime, late]);
  } finally {
    timer.abort();
  }
}
