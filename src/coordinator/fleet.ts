import type { WorkerState } from '../messaging/messages.js';
import type { WorkerRecord } from '../store/sweep-store.js';
import type { Failure } from '../sweep/trial.js';
import { WorkerHealth } from './worker-health.js';

interface Member {
  state: WorkerState;
  /** When the state arrived, on our clock. */
  receivedAt: number;
}

/**
 * Who works. Follows what the bus says of the workers of one pool; knows slots, who is alive and who runs what.
 * No I/O; the clock is handed in.
 */
export class Fleet {
  readonly #members = new Map<string, Member>();
  /** Last word of workers that the bus has not announced, or no longer does. */
  readonly #heard = new Map<string, number>();
  readonly #unable = new Map<string, string>();
  readonly #unrecorded = new Map<string, WorkerRecord>();
  readonly #health: WorkerHealth;
  /** Workers that a user has put into quarantine. */
  #barred: ReadonlySet<string> = new Set();

  /**
   * @param pool the workers that matter
   * @param now milliseconds since the epoch
   * @param benefitOfDoubt after its last word a worker that the bus does not know counts as alive for so many
   * milliseconds
   */
  constructor(
    private readonly pool: string,
    private readonly now: () => number,
    private readonly benefitOfDoubt = 10_000,
  ) {
    this.#health = new WorkerHealth(now);
  }

  /** What the bus says of a worker; `undefined`: it is gone. */
  update(workerId: string, state: WorkerState | undefined): void {
    if (state && state.pool !== this.pool) return;
    const now = this.now();
    if (state && state.state !== 'stopped') {
      this.#members.set(workerId, { state, receivedAt: now });
      this.#note(state, state.state, now);
      return;
    }
    const before = this.#members.get(workerId);
    const last = state ?? before?.state;
    if (last) this.#note(last, state ? 'stopped' : 'lost', before?.receivedAt ?? now);
    this.#members.delete(workerId);
    this.#unable.delete(workerId);
    this.#health.forget(workerId);
    // Who ends in order may have its last reports under way.
    if (state) this.#heard.set(workerId, now);
    else this.#heard.delete(workerId);
  }

  /** A worker spoke: a claim or a report. */
  heard(workerId: string): void {
    if (!this.#members.has(workerId)) this.#heard.set(workerId, this.now());
  }

  isAlive(workerId: string): boolean {
    if (this.#members.has(workerId)) return true;
    const heard = this.#heard.get(workerId);
    return heard !== undefined && this.now() - heard < this.benefitOfDoubt;
  }

  /**
   * Whether the worker says that it runs a trial; undefined where it has said nothing since `after`, or is unknown.
   */
  lists(workerId: string, sweepId: string, number: number, after: number): boolean | undefined {
    const member = this.#members.get(workerId);
    if (!member || member.receivedAt < after) return undefined;
    return member.state.running.some((trial) => trial.sweepId === sweepId && trial.number === number);
  }

  /** The worker can't train this sweep, for this reason. */
  markUnable(workerId: string, reason: string): void {
    this.#unable.set(workerId, reason);
  }

  /** Workers in quarantine because a user said so: they get nothing, whether or not there are others. */
  bar(workers: Iterable<string>): void {
    this.#barred = new Set(workers);
  }

  /** A user says that it is well. False where nobody doubted it. */
  release(workerId: string): boolean {
    if (!this.#health.isSuspect(workerId)) return false;
    this.#health.forget(workerId);
    return true;
  }

  /** Ids of the workers that the bus knows. */
  get ids(): string[] {
    return [...this.#members.keys()];
  }

  /** It can't train this sweep, or is in quarantine while others could. */
  isUnable(workerId: string): boolean {
    if (this.#barred.has(workerId)) return true;
    return this.#unable.has(workerId) || (this.#health.isBad(workerId) && this.hasOther(workerId));
  }

  /** Whether another worker could train this sweep, none of those left out. */
  hasOther(workerId: string, leftOut: readonly string[] = []): boolean {
    for (const [id, { state }] of this.#members)
      if (
        id !== workerId &&
        !leftOut.includes(id) &&
        state.state === 'running' &&
        !this.#unable.has(id) &&
        !this.#barred.has(id) &&
        !this.#health.isBad(id)
      )
        return true;
    return false;
  }

  /** An attempt ended there. The reason, where the worker is bad for it; `released`: it is well again. */
  attemptEnded(workerId: string, failure: Failure | undefined): ReturnType<WorkerHealth['ended']> {
    return this.#health.ended(workerId, failure);
  }

  /** Whether it was put into quarantine and has not shown yet that it is well. */
  isSuspect(workerId: string): boolean {
    return this.#health.isSuspect(workerId);
  }

  /** It gets a trial. */
  granted(workerId: string): void {
    this.#health.granted(workerId);
  }

  /** Workers that take new assignments. */
  get workers(): number {
    return this.#takers().length;
  }

  /** Slots of the workers that take new assignments and can train this sweep. */
  get slots(): number {
    return this.#takers().reduce((sum, { state }) => sum + state.slots, 0);
  }

  /** Slots that nobody uses, as the workers say. */
  get freeSlots(): number {
    return this.#takers().reduce((sum, { state }) => sum + Math.max(0, state.slots - busySlots(state)), 0);
  }

  /** Slots of a worker that are taken, as it says; undefined where it has said nothing. */
  busySlots(workerId: string): number | undefined {
    const member = this.#members.get(workerId);
    return member && busySlots(member.state);
  }

  /** How many trials of this pack key pay to train together, on every worker that has found out. */
  packSize(key: string): number | undefined {
    let smallest: number | undefined;
    for (const { state } of this.#takers())
      for (const pack of state.packs ?? [])
        if (pack.key === key) smallest = Math.min(pack.size, smallest ?? Infinity);
    return smallest;
  }

  /** The reason, where there are workers and none of them can train this sweep. */
  get allUnable(): string | undefined {
    const members = [...this.#members.keys()];
    if (members.length === 0 || !members.every((id) => this.#unable.has(id))) return undefined;
    return members.map((id) => this.#unable.get(id)).find((reason) => reason !== undefined);
  }

  /** What changed of the workers since this was asked last, for the store. */
  takeRecords(): WorkerRecord[] {
    const records = [...this.#unrecorded.values()];
    this.#unrecorded.clear();
    return records;
  }

  #takers(): Member[] {
    const takers: Member[] = [];
    for (const [id, member] of this.#members)
      if (member.state.state === 'running' && !this.isUnable(id)) takers.push(member);
    return takers;
  }

  #note(state: WorkerState, as: WorkerRecord['state'], seenAt: number): void {
    this.#unrecorded.set(state.workerId, {
      id: state.workerId,
      host: state.host,
      pool: state.pool,
      state: as,
      slots: state.slots,
      busy: as === 'running' || as === 'draining' ? busySlots(state) : 0,
      backend: state.backend,
      device: state.device,
      memoryBytes: state.memoryBytes,
      startedAt: state.startedAt,
      seenAt,
    });
  }
}

function busySlots({ busy, running }: WorkerState): number {
  return busy ?? running.length;
}
