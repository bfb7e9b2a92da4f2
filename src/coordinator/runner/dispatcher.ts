import type { SweepRecord, SweepStore, Usage } from '../../store/sweep-store.js';
import type { Parameters } from '../../sweep/parameter.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { plannedTrials, proposesBlindly } from '../../sweep/samplers.js';
import { compileSpace } from '../../sweep/space.js';
import { trialsToHaveReady } from '../packing/fill.js';
import { formPacks } from '../packing/form-packs.js';
import { slotsOf } from '../packing/outstanding.js';
import { beginningOf, keyLength, packKeysOf, type PackKeys } from '../packing/pack-key.js';
import type { Sampler } from '../search/sampler.js';
import { Wishes } from '../steering/wishes.js';
import { budgetUsed } from './budget.js';
import type { Flow } from './flow.js';
import { planTrials, type TrialPlan } from './plan-trials.js';
import { roomFor } from './planning.js';
import { Publishing, type PublishingParts } from './publishing.js';
import type { StoreWriter } from './store-writer.js';
import type { ActiveTrial } from './trial-book.js';
import { WaitingLine } from './waiting-line.js';

export interface DispatcherParts extends PublishingParts {
  readonly sweep: SweepRecord;
  readonly sampler: Sampler;
  readonly flow: Flow;
  readonly store: SweepStore;
  readonly writer: StoreWriter;
  /** What the sweep has used so far, by those that run too. */
  readonly used: () => Usage;
  /** For what is stored. */
  readonly wall: () => number;
}

/** Trials that a worker gets together to find out how many of them pay. */
const assumedPack = 8;
/** Slots. */
const idleForBlind = 0.05;
/** Of all slots. */
const idleForLearning = 0.05;
/** Milliseconds that the end waits for what is being published; without a connection it would be for ever. */
const closePatience = 2_000;

/**
 * Keeps the pool busy: publishes queued trials as there is room, and asks the sampler for new ones. At most one round
 * runs at a time; `wake` asks for another.
 */
export class Dispatcher {
  readonly #waiting = new WaitingLine();
  /** Wakes it when a trial's wait after a failure is over. */
  #alarm: NodeJS.Timeout | undefined;
  /** The sampler has no more to give, or `search.trials` is reached. */
  #searched = false;
  /** Nobody has anything more to give, as long as no further trial ends. */
  #exhausted = false;
  /** How many results had come when that was looked for last; undefined: under another definition. */
  #lookedAfter: number | undefined = 0;
  #closed = false;
  #woken = false;
  #round: Promise<void> | undefined;
  /** When the results came for which a round is to come. */
  #roomSince: number | undefined;
  /** The same of the present round: they may have made no room, as those of one member of a pack. */
  #refilling: number | undefined;
  /** Absent: every trial trains alone. */
  readonly #keys: PackKeys | undefined;
  #isIndependent = false;
  #planned = Infinity;
  #paused = false;
  readonly #wishes = new Wishes();
  readonly #publishing: Publishing;
  /** Of the pool's slots, beside other sweeps. */
  #share = Infinity;

  /**
   * @param parts what it works with
   * @param onSettled called after each round
   * @param onFailed called when it can't go on
   */
  constructor(
    private parts: DispatcherParts,
    private readonly onSettled: () => void,
    private readonly onFailed: (error: unknown) => void,
  ) {
    this.#keys = packKeysOf(parts.sweep.definition);
    this.#publishing = new Publishing(parts, this.#keys);
    this.#plan();
  }

  /** Goes on under another definition, with a sampler for it. */
  replan(definition: SweepDefinition, sampler: Sampler): void {
    this.parts = { ...this.parts, sweep: { ...this.parts.sweep, definition }, sampler };
    this.#plan();
    this.#searched = false;
    this.#exhausted = false;
    this.#lookedAfter = undefined;
    this.wake();
  }

  #plan(): void {
    const { definition } = this.parts.sweep;
    const space = compileSpace(definition);
    this.#isIndependent = proposesBlindly(definition, space);
    this.#planned = plannedTrials(definition, space) ?? Infinity;
  }

  /** Publishes nothing, and takes back what waits for a worker. */
  async pause(): Promise<void> {
    this.#paused = true;
    this.#takeBack();
    await this.parts.bus.withdrawAssignments(this.parts.sweep.id);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // Whose worker was lost before it began, or what was just on its way: workers have dropped its assignment.
    this.#takeBack();
    this.wake();
  }

  /** What no worker has waits for room again. */
  #takeBack(): void {
    for (const active of this.parts.book.active.values()) {
      if (active.trial.state !== 'queued' || active.grant) continue;
      active.publishedAt = undefined;
      active.pack = undefined;
      this.#waiting.add(active);
    }
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** What it goes by now. */
  get definition(): SweepDefinition {
    return this.parts.sweep.definition;
  }

  /** Adds a configuration. Resolves with its trial's number when that is stored. @throws UserFacingError */
  async add(parameters: Parameters): Promise<number> {
    const added = this.#wishes.add(parameters);
    if (this.#closed) this.#wishes.close();
    this.wake();
    return await added;
  }

  /** Slots of the pool that this sweep may use. */
  set share(slots: number) {
    if (slots > this.#share) this.wake();
    this.#share = slots;
  }

  /** Slots that its trials take: running ones, and those that a worker was just told to run. */
  get use(): number {
    const { book, fleet } = this.parts;
    if (!this.#keys) return book.taken;
    const taken = [...book.active.values()].filter(({ trial, grant }) => trial.state === 'running' || grant);
    return slotsOf(taken, (workerId) => fleet.busySlots(workerId));
  }

  /** Slots that it could use now. */
  get demand(): number {
    if (this.#paused || this.#closed) return this.use;
    const { concurrency } = this.parts.sweep.definition.workers;
    const known = this.#outstandingSlots + this.#waiting.ready;
    return Math.min(this.#searched || this.#isSettled ? known : Infinity, concurrency ?? Infinity);
  }

  /** Neither the sampler nor the race has anything more to give, after all results so far. */
  get exhausted(): boolean {
    return this.#isSettled && !this.#woken;
  }

  /** Trials from whose checkpoints later ones may go on. */
  get goesOnFrom(): ReadonlySet<number> {
    return this.parts.sampler.goesOnFrom?.(this.parts.book) ?? new Set();
  }

  /** Why the sampler has no more to give, where that is worth saying. */
  get whyEnded(): string | undefined {
    return this.#searched ? this.parts.sampler.whyEnded?.() : undefined;
  }

  /** Puts queued trials in line: before new ones. */
  enqueue(trials: readonly ActiveTrial[]): void {
    if (trials.length === 0) return this.wake();
    this.#waiting.addFirst(trials);
    this.wake();
  }

  /** There may be room. @param since when it arose, in milliseconds */
  wake(since?: number): void {
    this.#roomSince ??= since;
    if (this.#closed) return;
    this.#woken = true;
    this.#round ??= this.#rounds().finally(() => {
      this.#round = undefined;
    });
  }

  /** Publishes nothing more. Resolves when the present round has ended, if nats-server lets it. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#alarm);
    this.#wishes.close();
    if (!this.#round) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closePatience)));
    await Promise.race([this.#round, late]);
    clearTimeout(timer);
  }

  /** Sees to trials that have waited for a worker for long although slots are free. */
  async recoverForgotten(): Promise<void> {
    // While it is paused nobody wants them: it would seem that no worker can read them.
    if (!this.#closed && !this.#paused)
      await this.#publishing.recover(this.parts.sweep, () => this.#outstandingSlots);
  }

  async #rounds(): Promise<void> {
    try {
      while (this.#woken && !this.#closed) {
        this.#woken = false;
        this.#refilling = this.#roomSince;
        this.#roomSince = undefined;
        for (const active of await this.#wishes.fulfil(this.parts)) this.#waiting.add(active);
        while (!this.#closed && (await this.#publishSome()));
        this.onSettled();
      }
      this.#setAlarm();
    } catch (error) {
      this.onFailed(error);
    }
  }

  #setAlarm(): void {
    clearTimeout(this.#alarm);
    const next = this.#waiting.letIn(this.parts.now());
    if (next !== undefined && !this.#closed) this.#alarm = setTimeout(() => this.wake(), next);
  }

  /** Whether anything was published. */
  async #publishSome(): Promise<boolean> {
    this.#waiting.letIn(this.parts.now());
    const room = this.#room();
    if (room === 0) {
      this.#lookForMore();
      return false;
    }
    const ready = this.#toHaveReady(room);
    const isShort = this.#keys ? this.#waiting.ready < ready : this.#waiting.ready === 0;
    if (isShort && !this.#isSettled) await this.#propose(ready - this.#waiting.ready);
    // Since then.
    if (this.#paused) return false;
    const packs = this.#takePacks(room);
    await this.#publishing.publish(this.parts.sweep, packs);
    if (packs.length > 0 && this.#refilling !== undefined) {
      this.parts.flow.refilled(this.parts.now() - this.#refilling);
      this.#refilling = undefined;
    }
    return packs.length > 0;
  }

  /** Trials that were published or run. */
  get #outstanding(): number {
    const { active, counts } = this.parts.book;
    return active.size - counts.paused - this.#waiting.size;
  }

  /** Slots that they take. */
  get #outstandingSlots(): number {
    if (!this.#keys) return this.#outstanding;
    const { book, fleet } = this.parts;
    const published = [...book.active.values()].filter(
      (active) => active.trial.state !== 'paused' && !this.#waiting.has(active),
    );
    return slotsOf(published, (workerId) => fleet.busySlots(workerId));
  }

  /** Slots for which something may be published now. */
  #room(): number {
    const { fleet, flow, sweep, now } = this.parts;
    const { concurrency } = sweep.definition.workers;
    if (this.#paused) return 0;
    if (concurrency !== undefined && this.#outstanding >= concurrency) return 0;
    return roomFor({
      slots: Math.min(fleet.slots, this.#share),
      outstanding: this.#outstandingSlots,
      lookahead: Math.ceil(flow.lookahead(now(), this.#idleSlots) / this.#usualPack),
      concurrency,
    });
  }

  /** Slots that may stand idle on average while trials are replaced: who learns would propose the next ones blindly. */
  get #idleSlots(): number {
    return this.#isIndependent ? idleForBlind : idleForLearning * this.parts.fleet.slots;
  }

  #packSize(key: string): number {
    const { pack } = this.parts.sweep.definition.workers;
    return typeof pack === 'number' ? pack : (this.parts.fleet.packSize(key) ?? assumedPack);
  }

  /** Trials in a pack of the kind that waits, or came last. */
  get #usualPack(): number {
    if (!this.#keys) return 1;
    const [waiting] = this.#waiting;
    const trial = waiting?.trial ?? this.parts.book.trials.at(-1);
    return trial ? this.#packSize(this.#keys.of(trial)) : assumedPack;
  }

  #toHaveReady(room: number): number {
    if (!this.#keys) return room;
    const { book, fleet, sweep } = this.parts;
    return trialsToHaveReady({
      room,
      slots: fleet.slots,
      packSize: this.#usualPack,
      isUniform: this.#keys.isUniform,
      isIndependent: this.#isIndependent,
      configurations: book.configurations,
      ended: this.#ended,
      open: book.active.size - book.counts.paused,
      replicates: sweep.definition.replicates,
    });
  }

  /** Nothing has happened since there was nothing more to give. */
  get #isSettled(): boolean {
    return this.#exhausted && this.#lookedAfter === this.parts.book.results;
  }

  get #ended(): number {
    const { book } = this.parts;
    return book.size - book.active.size;
  }

  #planTrials(room: number): TrialPlan {
    const { book, sampler, sweep, used } = this.parts;
    const { definition } = sweep;
    const plan = planTrials(definition, sampler, book, {
      room,
      isSearched: this.#searched,
      // The race alone asks.
      budgetUsed: definition.maxReplicates === undefined ? 0 : budgetUsed(definition.budget, used()),
    });
    this.#searched = plan.isSearched;
    this.#exhausted = plan.trials.length === 0;
    this.#lookedAfter = book.results;
    return plan;
  }

  /** Whether all is done is to be known without room, too: its last worker may be gone, or it is paused. */
  #lookForMore(): void {
    const { book } = this.parts;
    if (this.#lookedAfter !== book.results && book.active.size === book.counts.paused) this.#planTrials(1);
  }

  /** Further replicates for those who need them, and new configurations for what room is left. */
  async #propose(room: number): Promise<void> {
    const { book, sweep, store, writer, wall } = this.parts;
    const { id } = sweep;
    const { trials, decisions } = this.#planTrials(room);
    if (this.#exhausted) return;
    await writer.run('new trials', () => store.addTrials(id, trials));
    for (const active of book.add(id, trials, wall())) this.#waiting.add(active);
    if (decisions.length === 0) return;
    const records = decisions.map((decision) => ({ sweepId: id, ...decision, decidedAt: wall() }));
    await writer.run('decisions', () => store.record({ sweepId: id, decisions: records }));
  }

  #takePacks(room: number): ActiveTrial[][] {
    if (!this.#keys) return this.#waiting.take(room).map((active) => [active]);
    const { book, sweep } = this.parts;
    const packs = formPacks(this.#waiting.queued(), {
      room,
      mostTrials: (sweep.definition.workers.concurrency ?? Infinity) - this.#outstanding,
      more: this.#searched ? 0 : Math.max(0, this.#planned - book.size),
      // Who goes on from a checkpoint is not at the step of who begins.
      keyOf: ({ trial }) => this.#keys && `${this.#keys.of(trial)}${beginningOf(trial)}`,
      sizeOf: (key) => this.#packSize(key.slice(0, keyLength)),
    });
    for (const pack of packs) for (const active of pack) this.#waiting.delete(active);
    return packs;
  }
}
