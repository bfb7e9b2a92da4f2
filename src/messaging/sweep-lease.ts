import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { NatsError, type KV, type KvEntry } from 'nats';
import { z } from 'zod';
import type { Lease } from './bus.js';
import type { BusConnection } from './connection.js';
import { ApiErrorCode, isApiError } from './streams.js';

const leaseSchema = z.object({ holder: z.string(), token: z.string() });
type LeaseValue = z.infer<typeof leaseSchema>;

export interface LeaseOptions {
  readonly sweepId: string;
  readonly holder: string;
  /** Milliseconds after which a lease that is not renewed is free. */
  readonly ttl: number;
  /** Whether a holder is known to be dead; its lease is taken at once. */
  readonly isGone?: (holder: string) => boolean;
}

/**
 * Takes the lease of a sweep. Where somebody has it, waits until that one renews it (`undefined`: somebody lives and
 * holds it) or until it ends (we take it): at most `ttl`.
 */
export async function acquireLease(
  connection: BusConnection,
  bucket: KV,
  options: LeaseOptions,
): Promise<Lease | undefined> {
  const value: LeaseValue = { holder: options.holder, token: randomUUID() };
  let seen: number | undefined;
  for (;;) {
    const present = await bucket.get(options.sweepId);
    const holder = present?.operation === 'PUT' ? (readLease(present)?.holder ?? '') : undefined;
    if (holder === undefined || options.isGone?.(holder) === true) {
      const asked = instant();
      const revision = await put(bucket, options.sweepId, value, present?.revision ?? 0);
      if (revision !== undefined) return new HeldLease(connection, bucket, options, value, revision, asked);
    } else {
      // Renewed since we first looked: somebody lives.
      if (seen !== undefined && seen !== present?.revision) return undefined;
      seen = present?.revision;
    }
    await setTimeout(options.ttl / 20);
  }
}

/** Who holds the lease of a sweep, if anybody does. */
export async function leaseHolder(bucket: KV, sweepId: string): Promise<string | undefined> {
  const entry = await bucket.get(sweepId);
  return entry?.operation === 'PUT' ? readLease(entry)?.holder : undefined;
}

function readLease(entry: KvEntry): LeaseValue | undefined {
  try {
    return leaseSchema.parse(entry.json());
  } catch {
    return undefined;
  }
}

/** The new revision, or `undefined` when somebody else wrote in between. */
async function put(bucket: KV, key: string, value: LeaseValue, after: number): Promise<number | undefined> {
  try {
    return await bucket.put(key, JSON.stringify(value), { previousSeq: after });
  } catch (error) {
    if (isApiError(error, ApiErrorCode.WrongLastSequence)) return undefined;
    throw error;
  }
}

/** By two clocks: one of them stands while a machine sleeps, the other may be set back. Milliseconds. */
interface Instant {
  readonly wall: number;
  readonly running: number;
}

function instant(): Instant {
  return { wall: Date.now(), running: performance.now() };
}

class HeldLease implements Lease {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #renewing: Promise<void> | undefined;

  constructor(
    private readonly connection: BusConnection,
    private readonly bucket: KV,
    private readonly options: LeaseOptions,
    private readonly value: LeaseValue,
    private revision: number,
    /** Before the renewal that succeeded last: nats-server counts from later on. */
    private renewedAt: Instant,
  ) {
    const renew = (): void => {
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = undefined;
      });
    };
    this.#timer = setInterval(renew, options.ttl / 4).unref();
    this.#stopListening = connection.onReconnect(renew);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get isCertain(): boolean {
    const { wall, running } = instant();
    const { ttl } = this.options;
    return !this.lost.aborted && wall - this.renewedAt.wall < ttl && running - this.renewedAt.running < ttl;
  }

  async release(): Promise<void> {
    this.#end();
    await this.#renewing;
    if (this.lost.aborted || !this.connection.connected) return;
    // Where somebody has taken it meanwhile, or it can't be reached, there is nothing to give back.
    await this.bucket.delete(this.options.sweepId, { previousSeq: this.revision }).catch(() => undefined);
  }

  /** While nats-server is away nobody can take the lease either: only an answer decides that it is lost. */
  async #renew(): Promise<void> {
    if (!this.connection.connected) return;
    const asked = instant();
    try {
      const renewed = await put(this.bucket, this.options.sweepId, this.value, this.revision);
      if (renewed === undefined) return await this.#findOut();
      this.revision = renewed;
      this.renewedAt = asked;
    } catch (error) {
      // No stream, no answer in time: the next renewal tells.
      if (!(error instanceof NatsError)) throw error;
    }
  }

  /** The revision is not ours: an answer to an earlier renewal was lost, the lease ran out, or another one has it. */
  async #findOut(): Promise<void> {
    const asked = instant();
    const present = await this.bucket.get(this.options.sweepId);
    if (present?.operation === 'PUT') {
      // The next renewal, with this revision, makes it certain.
      if (readLease(present)?.token === this.value.token) this.revision = present.revision;
      else this.#lose();
      return;
    }
    const taken = await put(this.bucket, this.options.sweepId, this.value, present?.revision ?? 0);
    if (taken === undefined) return;
    this.revision = taken;
    this.renewedAt = asked;
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#stopListening();
  }

  #lose(): void {
    this.#end();
    this.#lost.abort(new Error(`another coordinator took the lease of sweep ${this.options.sweepId}`));
  }
}
