import type { CoordinatorBus, Subscription } from '../../messaging/bus.js';
import type { Claim, ClaimReply, Report } from '../../messaging/messages.js';
import type { SweepRecord, Usage } from '../../store/sweep-store.js';
import { messageOf } from '../../support/errors.js';
import { Fleet } from '../fleet.js';
import { answerClaim, dropVoidGrants } from './answer-claim.js';
import { atMost } from './at-most.js';
import { spentBudget } from './budget.js';
import { Bookkeeping } from './bookkeeping.js';
import { Changes } from './changes.js';
import { CheckpointTidying } from './checkpoint-tidying.js';
import { Committer } from './committer.js';
import { Dispatcher } from './dispatcher.js';
import { beginToEnd, cancelRest } from './end-trials.js';
import { Ending, outcomeOf, type EndingRequest, type SweepOutcome } from './ending.js';
import { Flow } from './flow.js';
import { OutcomeJudge } from './judge-outcomes.js';
import { goalOf } from './goal.js';
import { lostTrials } from './lost-trials.js';
import { NotAloneError } from './not-alone-error.js';
import { Pruning, type Prune } from './pruning.js';
import { steadyClock } from './steady-clock.js';
import { StopCommands } from './stop-commands.js';
import { StoreWriter } from './store-writer.js';
import type { RunnerOptions, RunnerProgress } from './runner-options.js';
import { ReportTaker } from './take-reports.js';
import type { TrialBook } from './trial-book.js';
import { giveUp } from './unread.js';
import { UsageMeter } from './usage-meter.js';

/** Milliseconds between looks at budgets, workers and forgotten assignments. */
const tickInterval = 500;
/** Milliseconds for clearing up in nats-server at the end. */
const tidyPatience = 3_000;

/**
 * One sweep's life: publishes trials while there is room, answers claims, stores what workers report, tries again what
 * failed, keeps the budgets, and ends. Everything that changes a trial is stored before its message is acknowledged.
 */
export class SweepRunner {
  readonly fleet: Fleet;
  /** What it publishes, which can be changed while it runs. */
  readonly dispatcher: Dispatcher;
  readonly ended: Promise<SweepOutcome>;
  readonly #sweep: SweepRecord;
  readonly #book: TrialBook;
  readonly #bus: CoordinatorBus;
  readonly #writer: StoreWriter;
  readonly #taker: ReportTaker;
  readonly #pruning: Pruning | undefined;
  readonly #flow: Flow;
  readonly #usage: UsageMeter;
  readonly #stops: StopCommands;
  readonly #checkpoints: CheckpointTidying;
  readonly #committer: Committer;
  readonly #bookkeeping: Bookkeeping;
  /** For what is measured: patience, budgets. */
  readonly #now: () => number;
  /** For what is stored. */
  readonly #wall: () => number;
  readonly #subscriptions: Subscription[] = [];
  #fleetWatch: Subscription | undefined;
  #ending: Ending | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> = Promise.resolve();
  #recovering: Promise<void> | undefined;
  #closing = false;
  #abandoned = false;
  #end!: (outcome: SweepOutcome) => void;
  #fail!: (error: unknown) => void;

  constructor(private readonly options: RunnerOptions) {
    const { sweep, book, sampler, store, bus, say } = options;
    const { definition } = sweep;
    this.#sweep = sweep;
    this.#book = book;
    this.#bus = bus;
    this.#wall = options.now ?? Date.now;
    this.#now = steadyClock(this.#wall);
    this.#flow = new Flow(this.#now());
    this.fleet = new Fleet(definition.workers.pool, this.#now, options.workerPatience);
    this.#writer = new StoreWriter(say, (error) => this.#superseded(error));
    this.#stops = new StopCommands(bus, sweep.id, () => this.#isAlone, this.#now);
    const { pruner } = options;
    this.#pruning = pruner && new Pruning(pruner, book, sweep.id, say);
    const rules = {
      retries: definition.trial.retries,
      objectives: Object.keys(definition.objectives),
    };
    this.#taker = new ReportTaker(book, sweep.id, rules, this.#pruning);
    this.#usage = new UsageMeter(sweep.usage, this.#now());
    const { fleet } = this;
    const usage = this.#usage;
    const clocks = { now: this.#now, wall: this.#wall };
    const stored = { sweepId: sweep.id, fleet, usage, store, writer: this.#writer, ...clocks };
    this.#bookkeeping = new Bookkeeping(stored);
    this.dispatcher = new Dispatcher(
      {
        sweep,
        book,
        sampler,
        fleet,
        flow: this.#flow,
        store,
        writer: this.#writer,
        bus,
        used: () => this.#used(),
        ...clocks,
        claimPatience: options.claimPatience,
        giveUp: (trials) => this.#commitSoon(giveUp(trials, this.#taker, this.#wall(), say)),
      },
      () => this.#checkEnd(),
      (error) => this.#cannotGoOn(error),
    );
    this.#committer = new Committer({
      ...stored,
      book,
      say,
      dispatcher: this.dispatcher,
      flow: this.#flow,
      judge: new OutcomeJudge(book, fleet, sweep.id, say),
      pruning: this.#pruning,
      prune: this.#prune,
      stops: this.#stops,
      reachedGoal: goalOf(definition),
      onEnded: options.onEnded,
      requestEnd: (request) => this.requestEnd(request),
    });
    // Its sampler may be replaced.
    const goesOnFrom = (): ReadonlySet<number> => this.dispatcher.goesOnFrom;
    this.#checkpoints = new CheckpointTidying(bus, sweep.id, book, goesOnFrom, say);
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // It may be superseded while it starts, before anybody waits for its end.
    this.ended.catch(() => undefined);
  }

  progress(): RunnerProgress {
    const { workers, slots } = this.fleet;
    const now = this.#now();
    return {
      counts: this.#book.counts,
      rate: this.#flow.rate(now),
      usage: this.#usage.used(now),
      workers,
      slots,
    };
  }

  /**
   * Goes to work: first all reports that were sent while no coordinator ran, then claims and new trials. Running
   * trials stay with their workers.
   */
  async start(): Promise<void> {
    const { book } = this.options;
    for (const { trial } of book.active.values())
      if (trial.state === 'running' && trial.workerId !== undefined) this.fleet.heard(trial.workerId);
    await this.#bus.openPool(this.#sweep.definition.workers.pool);
    await this.#bus.withdrawAssignments(this.#sweep.id);
    const reports = await this.#bus.consumeReports(this.#sweep.id, (group) => this.#take(group));
    this.#subscriptions.push(reports);
    await reports.caughtUp();
    this.#fleetWatch = await this.#bus.watchFleet((workerId, state) => {
      this.fleet.update(workerId, state);
      this.dispatcher.wake();
    });
    // Superseded meanwhile.
    if (this.#closing) return;
    this.#subscriptions.push(this.#bus.answerClaims(this.#sweep.id, (claim) => this.#answer(claim)));
    for (const active of book.active.values())
      if (active.stop && active.trial.state === 'running') this.#stops.send(active);
    this.#committer.judgeGoal(book.trials);
    this.dispatcher.enqueue([...book.active.values()].filter(({ trial }) => trial.state === 'queued'));
    this.#timer = setInterval(() => this.#startTick(), tickInterval);
  }

  /** Ends the sweep earlier than it would by itself. A later request counts if it is stricter. */
  requestEnd(request: EndingRequest): void {
    if (this.#closing || (this.#ending && !this.#ending.givesWayTo(request))) return;
    const ending = new Ending(request, this.#now());
    this.#ending = ending;
    const { running, queued } = request;
    if (running !== 'finish' || queued !== 'finish') void this.dispatcher.close();
    const changes = new Changes();
    beginToEnd(ending, this.#book, this.#taker, this.#stops, this.#wall(), changes);
    this.#commitSoon(changes);
  }

  /** Whether it ends, or has ended: nothing of it can be changed. */
  get isEnding(): boolean {
    return this.#closing || this.#ending !== undefined;
  }

  /** Changes trials otherwise than by what workers report. Resolves when it is stored. */
  async change(make: (taker: ReportTaker, now: number, changes: Changes) => void): Promise<void> {
    const changes = new Changes();
    make(this.#taker, this.#wall(), changes);
    await this.#commit(changes);
  }

  /** Lets everything go at once and writes nothing more: somebody else runs the sweep. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    this.#writer.abandon();
    await this.#close();
    await atMost(tidyPatience, this.#withdrawLate());
  }

  /** Assignments that were under way when the connection broke get through when it is back, also after the sweep's end. */
  async #withdrawLate(): Promise<void> {
    const sweep = await this.options.store.findSweep(this.#sweep.id);
    if (sweep?.finishedAt !== undefined) await this.#bus.withdrawAssignments(this.#sweep.id);
  }

  /** After the end, when the workers of this machine have ended too: stores what became of the workers. */
  async leave(): Promise<void> {
    await this.#fleetWatch?.stop();
    const workers = this.#bookkeeping.takeWorkers();
    if (workers.length > 0 && !this.#abandoned) await this.options.store.recordWorkers(workers);
  }

  get #isAlone(): boolean {
    return this.options.isAlone?.() ?? true;
  }

  #superseded(error: unknown): void {
    this.abandon().then(() => this.#fail(error), this.#fail);
  }

  #answer(claim: Claim): ClaimReply {
    if (!this.#isAlone) throw new NotAloneError();
    this.fleet.heard(claim.workerId);
    const { definition, isPaused } = this.dispatcher;
    const { concurrency } = definition.workers;
    const closed = this.#ending !== undefined && this.#ending.request.queued !== 'finish';
    const rules = { concurrency, closed, paused: isPaused };
    return answerClaim(this.#book, claim, this.fleet, rules, this.#now());
  }

  async #take(reports: readonly Report[]): Promise<void> {
    const arrived = this.#now();
    for (const { workerId } of reports) this.fleet.heard(workerId);
    const changes = this.#taker.take(reports);
    // What is stored the store refuses from a coordinator that was superseded. What changes nothing for us may be news to
    // the one that has the lease: it must not be acknowledged here.
    if (changes.isEmpty && !this.#isAlone) throw new NotAloneError();
    await this.#commit(changes, arrived);
  }

  async #commit(changes: Changes, since?: number): Promise<void> {
    await this.#committer.commit(changes, since);
    this.#checkEnd();
  }

  #commitSoon(changes: Changes): void {
    this.#commit(changes).catch((error: unknown) => this.#cannotGoOn(error));
  }

  #startTick(): void {
    this.#ticking = this.#ticking.then(() => this.#tick()).catch((error: unknown) => this.#cannotGoOn(error));
  }

  async #tick(): Promise<void> {
    if (this.#closing) return;
    const now = this.#now();
    if (!this.#isAlone) {
      await this.#bookkeeping.record();
      // Who is to end does not wait for a nats-server that is away. Whether it may still write the store knows.
      if (this.#ending?.isOverdue(now)) this.#checkEnd();
      return;
    }
    const changes = new Changes();
    for (const { active, failure, isSudden } of lostTrials(this.#book, this.fleet, now))
      this.#taker.endAttempt(active, failure, this.#wall(), changes, isSudden);
    dropVoidGrants(this.#book, this.fleet, now);
    this.#stops.remind(this.#book);
    if (this.#ending)
      cancelRest(this.#ending, this.#ending.isOverdue(now), this.#book, this.#taker, this.#wall(), changes);
    if (!changes.isEmpty) await this.#commit(changes);
    const spent = spentBudget(this.dispatcher.definition.budget, this.#used());
    if (spent !== undefined)
      this.requestEnd({ state: 'completed', reason: spent, running: 'cancel', queued: 'cancel' });
    await this.#bookkeeping.record();
    this.#recoverForgotten();
    this.#checkpoints.tick(now);
    this.dispatcher.wake();
    this.#checkEnd();
  }

  /** Takes as long as nats-server is away; nothing else waits for it. */
  #recoverForgotten(): void {
    this.#recovering ??= this.dispatcher
      .recoverForgotten()
      .catch((error: unknown) => this.#cannotGoOn(error))
      .finally(() => (this.#recovering = undefined));
  }

  #used(): Usage {
    return this.#usage.withRunning(this.#book, this.#now(), (workerId) => this.fleet.busySlots(workerId));
  }

  readonly #prune: Prune = (active, reason, at, changes) => this.#taker.prune(active, reason, at, changes);

  /** Where all that is left is paused: some goes on, or the sweep is over. */
  #settlePaused(): void {
    const { active, counts } = this.#book;
    const comesToAll = !this.#ending || this.#ending.request.queued === 'finish';
    const isOver = comesToAll && this.dispatcher.exhausted && active.size === counts.paused;
    if (!this.#pruning || counts.paused === 0 || !isOver) return;
    const changes = new Changes();
    this.#pruning.settle(this.#wall(), this.#prune, changes);
    this.#commitSoon(changes);
  }

  #checkEnd(): void {
    if (this.#closing) return;
    this.#settlePaused();
    const isOver = this.#ending
      ? this.#ending.isOver(this.#book, this.dispatcher.exhausted, this.#now())
      : this.dispatcher.exhausted && this.#book.active.size === 0;
    if (!isOver) return;
    const why = this.dispatcher.whyEnded;
    this.#finish(outcomeOf(this.#book, this.#ending?.request, why)).then(this.#end, this.#fail);
  }

  async #finish(outcome: SweepOutcome): Promise<SweepOutcome> {
    const { store } = this.options;
    await this.#close();
    await this.#bookkeeping.record(true);
    const { state, reason } = outcome;
    await this.#writer.run("the sweep's end", () => store.setSweepState(this.#sweep.id, state, reason));
    await atMost(tidyPatience, this.#tidy(state === 'completed'));
    return outcome;
  }

  /** What is left without a connection does no harm: the next start withdraws it, the stream forgets it. */
  async #tidy(isCompleted: boolean): Promise<void> {
    await this.#bus.withdrawAssignments(this.#sweep.id);
    if (!isCompleted) return;
    await this.#bus.forgetReports(this.#sweep.id);
    await this.#checkpoints.dropAll();
  }

  async #close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await this.dispatcher.close();
    await atMost(tidyPatience, this.#recovering ?? Promise.resolve());
    await Promise.all(this.#subscriptions.splice(0).map((subscription) => subscription.stop()));
    await this.#writer.idle();
  }

  #cannotGoOn(error: unknown): void {
    if (this.#closing) return;
    this.requestEnd({
      state: 'failed',
      reason: messageOf(error),
      running: 'cancel',
      queued: 'keep',
    });
  }
}
