import type { CoordinatorBus, Subscription } from '../../messaging/bus.js';
import type { Claim, ClaimReply, Report } from '../../messaging/messages.js';
import type { SweepRecord } from '../../store/sweep-store.js';
import { isTerminal, type Trial } from '../../sweep/trial.js';
import { messageOf } from '../../support/errors.js';
import { Fleet } from '../fleet.js';
import { answerClaim, dropVoidGrants } from './answer-claim.js';
import { atMost } from './at-most.js';
import { spentBudget } from './budget.js';
import { cancelRest } from './cancel-rest.js';
import { Changes } from './changes.js';
import { CheckpointTidying } from './checkpoint-tidying.js';
import { Dispatcher } from './dispatcher.js';
import { Ending, isDecided, outcomeOf, type EndingRequest, type SweepOutcome } from './ending.js';
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
import type { ActiveTrial, TrialBook } from './trial-book.js';
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
  readonly #flow = new Flow();
  readonly #usage: UsageMeter;
  readonly #stops: StopCommands;
  readonly #checkpoints: CheckpointTidying;
  readonly #judge: OutcomeJudge;
  readonly #reachedGoal: ReturnType<typeof goalOf>;
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
    this.fleet = new Fleet(definition.workers.pool, this.#now, options.workerPatience);
    this.#writer = new StoreWriter(say, (error) => this.#superseded(error));
    this.#stops = new StopCommands(bus, sweep.id, () => this.#isAlone);
    const { pruner } = options;
    this.#pruning = pruner && new Pruning(pruner, book, sweep.id, say);
    const rules = {
      retries: definition.trial.retries,
      objectives: Object.keys(definition.objectives),
    };
    this.#taker = new ReportTaker(book, sweep.id, rules, this.#pruning);
    this.#usage = new UsageMeter(sweep.usage, this.#now());
    this.#judge = new OutcomeJudge(book, this.fleet, sweep.id, say);
    this.#reachedGoal = goalOf(definition);
    const { fleet } = this;
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
        now: this.#now,
        wall: this.#wall,
        claimPatience: options.claimPatience,
        giveUp: (trials) => this.#commitSoon(giveUp(trials, this.#taker, this.#wall(), say)),
      },
      () => this.#checkEnd(),
      (error) => this.#cannotGoOn(error),
    );
    // Its sampler may be replaced.
    const goesOnFrom = (): ReadonlySet<number> => this.dispatcher.goesOnFrom;
    this.#checkpoints = new CheckpointTidying(bus, sweep.id, book, goesOnFrom, say);
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
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
    this.#subscriptions.push(this.#bus.answerClaims(this.#sweep.id, (claim) => this.#answer(claim)));
    for (const active of book.active.values())
      if (active.stop && active.trial.state === 'running') this.#stops.send(active);
    this.#judgeGoal(book.trials);
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
    for (const active of this.#book.active.values()) {
      const { state } = active.trial;
      if (state === 'paused' || (state === 'queued' && !active.grant)) {
        if (queued === 'cancel') this.#taker.cancel(active, ending.reason, this.#wall(), changes);
      } else if (running !== 'finish' && !isDecided(active.stop, running)) {
        active.stop = { then: running, reason: ending.reason };
        if (active.trial.state === 'running') this.#stops.send(active);
      }
    }
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
  }

  /** After the end, when the workers of this machine have ended too: stores what became of the workers. */
  async leave(): Promise<void> {
    await this.#fleetWatch?.stop();
    const workers = this.fleet.takeRecords();
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
    await this.#commit(this.#taker.take(reports), arrived);
  }

  /** Stores changes, then does what follows from them. */
  async #commit(changes: Changes, since?: number): Promise<void> {
    this.#pruning?.follow(this.#wall(), this.#prune, changes);
    const hopeless = this.#judge.judge(changes, this.#wall());
    if (!changes.isEmpty) {
      const batch = changes.batch(this.#sweep.id);
      await this.#writer.run('results', () => this.options.store.record(batch));
    }
    this.#usage.addSlotSeconds(changes.slotSeconds);
    for (const { workerId, message } of changes.unable) this.#unable(workerId, message);
    for (const stale of changes.stale) this.#stops.sendStale(stale);
    for (const { number } of changes.started) {
      const active = this.#book.active.get(number);
      if (active?.stop) this.#stops.send(active);
    }
    for (const active of changes.stops) this.#stops.send(active);
    const back = changes.requeued.flatMap(({ number }) => this.#waiting(number));
    for (const active of back) active.notBefore = this.#now() + (active.backOff ?? 0);
    this.dispatcher.enqueue(back);
    // One that failed at a machine that was found to be bad goes back to the queue.
    const ended = changes.ended.filter(({ state }) => isTerminal(state));
    if (ended.length > 0) {
      this.#flow.trialsEnded(ended.length, this.#now());
      this.options.onEnded?.(ended);
      this.#judgeGoal(ended);
    }
    if (ended.length + changes.paused.length > 0) this.dispatcher.wake(since);
    // What is queued stays so: once it is put right, the same `start` goes on.
    if (hopeless !== undefined)
      this.requestEnd({ state: 'failed', reason: hopeless, running: 'cancel', queued: 'keep' });
    this.#checkEnd();
  }

  #commitSoon(changes: Changes): void {
    this.#commit(changes).catch((error: unknown) => this.#cannotGoOn(error));
  }

  #waiting(number: number): ActiveTrial[] {
    const active = this.#book.active.get(number);
    return active?.trial.state === 'queued' ? [active] : [];
  }

  #unable(workerId: string, message: string): void {
    if (this.fleet.isUnable(workerId)) return;
    this.fleet.markUnable(workerId, message);
    this.options.say(`worker ${workerId} cannot train this sweep: ${message}`);
    const reason = this.fleet.allUnable;
    if (reason === undefined) return;
    // What is queued stays so: when the reason is gone, the same `start` goes on.
    this.requestEnd({
      state: 'failed',
      reason: `no worker can train it: ${reason}`,
      running: 'cancel',
      queued: 'keep',
    });
  }

  #judgeGoal(trials: readonly Trial[]): void {
    const reason = this.#reachedGoal(trials);
    if (reason !== undefined)
      this.requestEnd({ state: 'completed', reason, running: 'finish', queued: 'cancel' });
  }

  #startTick(): void {
    this.#ticking = this.#ticking.then(() => this.#tick()).catch((error: unknown) => this.#cannotGoOn(error));
  }

  async #tick(): Promise<void> {
    if (this.#closing) return;
    const now = this.#now();
    if (!this.#isAlone) return await this.#recordUsageAndWorkers(now);
    const changes = new Changes();
    for (const { active, failure } of lostTrials(this.#book, this.fleet, now))
      this.#taker.endAttempt(active, failure, this.#wall(), changes);
    dropVoidGrants(this.#book, this.fleet, now);
    if (this.#ending)
      cancelRest(this.#ending, this.#ending.isOverdue(now), this.#book, this.#taker, this.#wall(), changes);
    if (!changes.isEmpty) await this.#commit(changes);
    const spent = spentBudget(this.dispatcher.definition.budget, this.#usage.withRunning(this.#book, now));
    if (spent !== undefined)
      this.requestEnd({ state: 'completed', reason: spent, running: 'cancel', queued: 'cancel' });
    await this.#recordUsageAndWorkers(now);
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

  async #recordUsageAndWorkers(now: number, isLast = false): Promise<void> {
    const { store } = this.options;
    const ahead = this.#wall() - this.#now();
    const workers = this.fleet.takeRecords().map((one) => ({ ...one, seenAt: one.seenAt + ahead }));
    if (workers.length > 0) await this.#writer.run('workers', () => store.recordWorkers(workers));
    const usage = this.#usage.takeUnrecorded(now, isLast);
    if (usage) await this.#writer.run('usage', () => store.addUsage(this.#sweep.id, usage));
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
    await this.#recordUsageAndWorkers(this.#now(), true);
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
