import TinyQueue from 'tinyqueue';
import { protocolVersion, type Report } from '../../messaging/messages.js';
import type { DecisionRecord } from '../../store/sweep-store.js';
import { pbtOriginOf } from '../../sweep/pbt.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Metrics, type Trial } from '../../sweep/trial.js';
import type { Pruner } from '../pruning/pruner.js';
import { goalOf } from '../runner/goal.js';
import { Changes } from '../runner/changes.js';
import { budgetUsed } from '../runner/budget.js';
import { planTrials } from '../runner/plan-trials.js';
import { Pruning, type Prune } from '../runner/pruning.js';
import { ReportTaker } from '../runner/take-reports.js';
import { TrialBook, type ActiveTrial } from '../runner/trial-book.js';
import type { Sampler } from '../search/sampler.js';
import type { VirtualTrainable, VirtualTrial } from './virtual-trainable.js';

export interface SimulationOptions {
  readonly definition: SweepDefinition;
  readonly sampler: Sampler;
  readonly pruner?: Pruner;
  readonly trainable: VirtualTrainable;
  /** Virtual workers with one slot each. */
  readonly workers: number;
  /** Ends after so many reports. @default never */
  readonly mostReports?: number;
  /** After each trial that has its result, at this time in seconds; true: the sweep ends here. */
  readonly onEnded?: (trial: Trial, outcome: SimulationProgress) => boolean | void;
}

export interface SimulationProgress {
  /** Seconds on the virtual clock. */
  readonly seconds: number;
  /** Summed over the slots that trained. */
  readonly slotSeconds: number;
  /** Reports in all: what was trained. */
  readonly reports: number;
}

export interface SimulationOutcome extends SimulationProgress {
  readonly book: TrialBook;
  readonly decisions: readonly DecisionRecord[];
  /** Why it ended before everything was tried. */
  readonly reason?: string;
}

/** Something that a virtual worker comes to. */
interface Event {
  readonly at: number;
  /** Events at one time come in the order in which they were planned. */
  readonly order: number;
  readonly active: ActiveTrial;
  readonly attempt: number;
}

/** How far a trial is. */
interface VirtualRun {
  readonly trial: VirtualTrial;
  /** Index of its next report. */
  next: number;
  /** The step at which it hands on. */
  readonly until: number;
}

const sweepId = 'simulation';

/**
 * Runs a sweep on virtual workers and a virtual clock: the sampler, the plan of trials, what follows from reports and
 * the pruner are those of a real sweep, and only the training is replaced. Deterministic. Virtual workers never fail,
 * report without delay, stop at once, and go on from where a paused trial was.
 */
export function simulate(options: SimulationOptions): SimulationOutcome {
  return new Simulation(options).run();
}

class Simulation {
  readonly #book = new TrialBook();
  readonly #taker: ReportTaker;
  readonly #pruning: Pruning | undefined;
  readonly #events = new TinyQueue<Event>([], (a, b) => a.at - b.at || a.order - b.order);
  readonly #waiting = new Set<ActiveTrial>();
  readonly #trials = new Map<number, VirtualRun>();
  /** Of ended trials: those from which others may go on. */
  readonly #handedOn = new Map<number, VirtualRun>();
  readonly #decisions: DecisionRecord[] = [];
  readonly #hasReached: ReturnType<typeof goalOf>;
  readonly #slots: number;
  #busy = 0;
  #now = 0;
  #slotSeconds = 0;
  #reports = 0;
  #planned = 0;
  #isSearched = false;
  #isExhausted = false;
  #reason: string | undefined;
  #isOver = false;

  constructor(private readonly options: SimulationOptions) {
    const { definition, pruner, workers } = options;
    this.#slots = Math.min(workers, definition.workers.concurrency ?? Infinity);
    this.#pruning = pruner && new Pruning(pruner, this.#book, sweepId);
    const rules = { retries: 0, objectives: Object.keys(definition.objectives) };
    this.#taker = new ReportTaker(this.#book, sweepId, rules, this.#pruning);
    this.#hasReached = goalOf(definition);
  }

  run(): SimulationOutcome {
    this.#fill();
    while (!this.#isOver) {
      const event = this.#events.pop();
      if (!event) break;
      if (!this.#advance(event.at)) break;
      this.#step(event);
      this.#fill();
    }
    const reason = this.#reason ?? (this.#isSearched ? this.options.sampler.whyEnded?.() : undefined);
    return {
      ...this.#progress(),
      book: this.#book,
      decisions: this.#decisions,
      ...(reason === undefined ? {} : { reason }),
    };
  }

  #progress(): SimulationProgress {
    return { seconds: this.#now, slotSeconds: this.#slotSeconds, reports: this.#reports };
  }

  /** Lets time pass; false where a budget ends first. */
  #advance(to: number): boolean {
    const { time, gpuHours, cost, pricePerGpuHour } = this.options.definition.budget;
    const hours = Math.min(
      gpuHours ?? Infinity,
      (cost ?? Infinity) / (pricePerGpuHour ?? Infinity) || Infinity,
    );
    const byHours = this.#now + Math.max(0, hours * 3600 - this.#slotSeconds) / this.#busy;
    const end = Math.min(time ?? Infinity, byHours);
    const at = Math.min(to, end);
    this.#slotSeconds += (at - this.#now) * this.#busy;
    this.#now = at;
    if (to <= end) return true;
    this.#reason = `the budget is used up`;
    return false;
  }

  #step({ active, attempt }: Event): void {
    const { trial } = active;
    const running = this.#trials.get(trial.number);
    if (!running || trial.state !== TrialState.Running || trial.attempts !== attempt) return;
    const { step, metrics } = running.trial.report(running.next);
    running.next++;
    this.#reports++;
    if (this.#reports >= (this.options.mostReports ?? Infinity)) this.#isOver = true;
    const changes = this.#take(active, { kind: 'metrics', step, metrics });
    const { stop } = active;
    const handsOn = step >= running.until && running.next < running.trial.reports;
    const isDone = handsOn || running.next >= running.trial.reports;
    if (handsOn) this.#handedOn.set(trial.number, running);
    if (isDone) this.#end(active, { kind: 'completed', metrics, slotSeconds: 0 }, changes);
    else if (stop) {
      const state = stop.then === 'pause' ? 'paused' : stop.then === 'prune' ? 'pruned' : 'cancelled';
      this.#end(active, { kind: 'stopped', state, reason: stop.reason, slotSeconds: 0 }, changes);
    } else this.#plan(active);
    this.#follow(changes);
  }

  #end(active: ActiveTrial, said: Said, changes: Changes): void {
    this.#busy--;
    this.#merge(changes, this.#take(active, said));
  }

  #take(
    { trial, lastSequence }: ActiveTrial,
    said: Said | { kind: 'metrics'; step: number; metrics: Metrics },
  ): Changes {
    const report = {
      ...said,
      version: protocolVersion,
      sweepId,
      number: trial.number,
      attempt: trial.attempts,
      workerId: 'virtual',
      sequence: lastSequence + 1,
      at: this.#now * 1000,
    } as Report;
    return this.#taker.take([report]);
  }

  #merge(changes: Changes, more: Changes): void {
    changes.ended.push(...more.ended);
    changes.paused.push(...more.paused);
    changes.decisions.push(...more.decisions);
    changes.requeued.push(...more.requeued);
  }

  /** What follows once reports are taken, as in the runner. */
  #follow(changes: Changes): void {
    this.#pruning?.follow(this.#now * 1000, this.#prune, changes);
    for (const decision of changes.decisions) this.#decisions.push(decision);
    for (const { number } of changes.requeued) {
      const active = this.#book.active.get(number);
      if (active?.trial.state === TrialState.Queued) this.#waiting.add(active);
    }
    for (const trial of changes.ended) {
      this.#trials.delete(trial.number);
      if (this.options.onEnded?.(trial, this.#progress()) === true) this.#isOver = true;
    }
    const reached = changes.ended.length > 0 ? this.#hasReached(changes.ended) : undefined;
    if (reached === undefined) return;
    this.#reason ??= reached;
    this.#waiting.clear();
  }

  readonly #prune: Prune = (active, reason, at, changes) => this.#taker.prune(active, reason, at, changes);

  /** Gives free slots something to train. */
  #fill(): void {
    while (this.#reason === undefined && !this.#isOver) {
      while (this.#busy < this.#slots && this.#waiting.size > 0) this.#startNext();
      if (this.#busy >= this.#slots) return;
      if (!this.#isExhausted || this.#planned !== this.#ended) this.#propose(this.#slots - this.#busy);
      if (this.#waiting.size > 0) continue;
      if (this.#busy > 0 || this.#book.counts.paused === 0 || !this.#pruning) return;
      const changes = new Changes();
      this.#pruning.settle(this.#now * 1000, this.#prune, changes);
      this.#follow(changes);
    }
  }

  #startNext(): void {
    const [active] = this.#waiting;
    if (!active) return;
    this.#waiting.delete(active);
    const { trial } = active;
    if (trial.state !== TrialState.Queued) return;
    this.#book.started(active, trial.attempts + 1, 'virtual', this.#now * 1000);
    if (!this.#trials.has(trial.number)) this.#trials.set(trial.number, this.#begin(trial));
    this.#busy++;
    this.#plan(active);
  }

  #begin(of: Trial): VirtualRun {
    const { from = -1, until = Infinity } = pbtOriginOf(of) ?? {};
    const before = this.#handedOn.get(from);
    const trial = this.options.trainable(of, before?.trial);
    return { trial, next: Math.min(before?.next ?? 0, trial.reports - 1), until };
  }

  #plan(active: ActiveTrial): void {
    const running = this.#trials.get(active.trial.number);
    if (!running) return;
    const at = this.#now + running.trial.seconds(running.next);
    this.#events.push({ at, order: this.#order++, active, attempt: active.trial.attempts });
  }

  #order = 0;

  get #ended(): number {
    return this.#book.size - this.#book.active.size;
  }

  #propose(room: number): void {
    const { definition, sampler } = this.options;
    const plan = planTrials(definition, sampler, this.#book, {
      room,
      isSearched: this.#isSearched,
      budgetUsed: budgetUsed(definition.budget, { seconds: this.#now, slotSeconds: this.#slotSeconds }),
    });
    const { trials, decisions, isSearched } = plan;
    this.#isSearched = isSearched;
    this.#isExhausted = trials.length === 0;
    this.#planned = this.#ended;
    const at = this.#now * 1000;
    for (const active of this.#book.add(sweepId, trials, at)) this.#waiting.add(active);
    for (const decision of decisions) this.#decisions.push({ sweepId, ...decision, decidedAt: at });
  }
}

type Said =
  | { readonly kind: 'completed'; readonly metrics: Metrics; readonly slotSeconds: number }
  | {
      readonly kind: 'stopped';
      readonly state: 'pruned' | 'paused' | 'cancelled';
      readonly reason: string;
      readonly slotSeconds: number;
    };
