import type { Report } from '../../messaging/messages.js';
import type { LogRecord, ReportRecord, TrialResult } from '../../store/sweep-store.js';
import { FailureClass, type Failure, type Metrics, type TerminalState } from '../../sweep/trial.js';
import { isInterval } from '../../sweep/pbt.js';
import { createRandom } from '../../sweep/random.js';
import { afterFailure, counts, suddenly } from './after-failure.js';
import { Changes, type StaleAttempt } from './changes.js';
import type { Pruning } from './pruning.js';
import type { ActiveTrial, TrialBook } from './trial-book.js';

/** What the sweep's definition says about results. */
export interface ResultRules {
  readonly retries: number;
  /** Metrics that every result must have. */
  readonly objectives: readonly string[];
}

/**
 * Applies reports of workers to the book and says what follows. Reports may come twice, late, and from attempts that
 * were given up:
 * - A report is taken once: by trial, attempt and sequence.
 * - The first result of a trial counts, also when an attempt that was believed lost sends it; another attempt that
 *   runs by then is told to stop.
 * - Everything else from an attempt that was given up is left out.
 */
export class ReportTaker {
  constructor(
    private readonly book: TrialBook,
    private readonly sweepId: string,
    private readonly rules: ResultRules,
    private readonly pruning?: Pruning,
  ) {}

  take(reports: readonly Report[]): Changes {
    const changes = new Changes();
    for (const report of reports) this.takeOne(report, changes);
    return changes;
  }

  /**
   * Ends a running attempt that its worker will not end itself: it was lost, or told to stop and did not answer.
   * @param isSudden soon after this coordinator saw it begin
   */
  endAttempt(active: ActiveTrial, failure: Failure, at: number, changes: Changes, isSudden: boolean): void {
    // Its worker's clock, which may be another one than ours, must not say that it had run for long: before a restart.
    const { startedAt = at } = active.trial;
    this.failed(active, failure, at, changes, isSudden && at - startedAt < suddenly);
  }

  /** Fails a trial of the queue: it can't be tried. */
  giveUp(active: ActiveTrial, message: string, at: number, changes: Changes): void {
    const { number, metrics } = active.trial;
    changes.decisions.push({
      sweepId: this.sweepId,
      number,
      action: 'fail',
      reason: message,
      decidedAt: at,
    });
    const failure = { class: FailureClass.Lost, message };
    this.finish(active, 'failed', metrics, { failure }, at, changes);
  }

  /** Gives a trial its result without a word from a worker: cancelled in the queue, or nobody answered. */
  cancel(active: ActiveTrial, reason: string, at: number, changes: Changes): void {
    this.finish(active, 'cancelled', active.trial.metrics, { reason }, at, changes);
  }

  /** The same for what the pruner sees no use in: in the queue, or paused, or nobody answered. */
  prune(active: ActiveTrial, reason: string, at: number, changes: Changes): void {
    const { metrics } = active.trial;
    const counts = active.stop?.counts === true && this.missing(metrics).length === 0;
    this.finish(active, counts ? 'completed' : 'pruned', metrics, { reason }, at, changes);
  }

  private takeOne(report: Report, changes: Changes): void {
    const active = this.book.active.get(report.number);
    if (!active) return this.lateForEnded(report, changes);
    const { trial } = active;
    const isCurrent =
      trial.state === 'running' && report.attempt === trial.attempts && report.workerId === trial.workerId;
    const isNext = trial.state === 'queued' && report.attempt > trial.attempts;
    if (!isCurrent && !isNext) return this.takeFromGivenUp(active, report, changes);
    if (isNext) this.start(active, report, changes);
    if (report.kind === 'started' || report.sequence <= active.lastSequence) return;
    active.lastSequence = report.sequence;
    if (report.log) changes.logs.push(logRecord(report, report.log));
    this.takeCurrent(active, report, changes);
  }

  /** Normally by its `started` report; by any other where that one was lost with the stream. */
  private start(active: ActiveTrial, report: Report, changes: Changes): void {
    this.book.started(active, report.attempt, report.workerId, report.at);
    changes.started.push({
      number: report.number,
      attempt: report.attempt,
      workerId: report.workerId,
      startedAt: report.at,
      ...(report.kind === 'started' && report.pack && { pack: report.pack }),
    });
  }

  private takeCurrent(
    active: ActiveTrial,
    report: Exclude<Report, { kind: 'started' }>,
    changes: Changes,
  ): void {
    if (report.kind !== 'metrics') changes.slotSeconds += report.slotSeconds;
    switch (report.kind) {
      case 'metrics':
        active.trial.metrics = { ...active.trial.metrics, ...report.metrics };
        active.trial.lastStep = report.step;
        changes.reports.push(reportRecord(report));
        this.pruning?.report(active, report.step, report.metrics, report.at, changes);
        return;
      case 'completed':
        return this.completed(active, report, changes);
      case 'failed':
        if (report.failure.class === FailureClass.Setup)
          changes.unable.push({ workerId: report.workerId, message: report.failure.message });
        else changes.outcomes.push(report);
        return this.failed(active, report.failure, report.at, changes);
      case 'stopped':
        return this.stopped(active, report, changes);
      case 'returned':
        if (active.stop?.then === 'cancel')
          return this.cancel(active, active.stop.reason, report.at, changes);
        return this.requeue(active, undefined, report.at, changes);
    }
  }

  private stopped(
    active: ActiveTrial,
    { state, reason, at }: Extract<Report, { kind: 'stopped' }>,
    changes: Changes,
  ): void {
    const { stop, trial } = active;
    // Who was told by an earlier coordinator to go back to the queue may say that it is paused.
    const isBack = stop?.then === 'requeue' || (state === 'paused' && !this.pruning);
    if (isBack) this.requeue(active, undefined, at, changes);
    else if (state === 'pruned') this.prune(active, reason, at, changes);
    else if (state !== 'paused') this.finish(active, state, trial.metrics, { reason }, at, changes);
    else if (stop?.then === 'cancel') this.cancel(active, stop.reason, at, changes);
    else this.pause(active, reason, at, changes);
  }

  private completed(
    active: ActiveTrial,
    report: Extract<Report, { kind: 'completed' }>,
    changes: Changes,
  ): void {
    const metrics = { ...active.trial.metrics, ...report.metrics };
    // Who hands on may have been measured by nothing yet.
    const missing = isInterval(active.trial) ? [] : this.missing(metrics);
    if (missing.length > 0) {
      const failure = { class: FailureClass.Trial, message: missingObjectives(missing, metrics) };
      changes.outcomes.push({ workerId: report.workerId, number: report.number, failure });
      return this.failed(active, failure, report.at, changes);
    }
    changes.outcomes.push({ workerId: report.workerId, number: report.number });
    const details = report.details === undefined ? {} : { details: report.details };
    this.finish(active, 'completed', metrics, details, report.at, changes);
  }

  private missing(metrics: Metrics): string[] {
    return this.rules.objectives.filter((name) => metrics[name] === undefined);
  }

  private failed(
    active: ActiveTrial,
    failure: Failure,
    at: number,
    changes: Changes,
    isSudden = false,
  ): void {
    const { stop } = active;
    if (stop?.then === 'prune') return this.prune(active, stop.reason, at, changes);
    if (stop?.then === 'cancel') {
      const { metrics } = active.trial;
      return this.finish(active, 'cancelled', metrics, { reason: stop.reason, failure }, at, changes);
    }
    const { number, attempts, seed, workerId } = active.trial;
    const { countedFailures: counted, losses: lost, suddenLosses } = active;
    const decision = afterFailure(failure, { counted, lost, suddenLosses }, this.rules.retries, {
      isSudden,
      jitter: createRandom(seed, attempts).next(),
    });
    if (counts(failure)) {
      active.countedFailures++;
      if (workerId !== undefined) active.failedAt.push(workerId);
    }
    if (failure.class === FailureClass.Lost) {
      active.losses++;
      if (isSudden) active.suddenLosses++;
    }
    active.backOff = decision.delay;
    changes.decisions.push({
      sweepId: this.sweepId,
      number,
      action: decision.action,
      reason: `attempt ${attempts}: ${decision.reason}`,
      decidedAt: at,
    });
    if (decision.action === 'retry') this.requeue(active, failure, at, changes);
    else this.finish(active, 'failed', active.trial.metrics, { failure }, at, changes);
  }

  /** Back to the queue, unless the pruner has decided what becomes of it. */
  private requeue(active: ActiveTrial, failure: Failure | undefined, at: number, changes: Changes): void {
    const { stop } = active;
    if (stop?.then === 'prune') this.prune(active, stop.reason, at, changes);
    else if (stop?.then === 'pause') this.pause(active, stop.reason, at, changes);
    else this.backToQueue(active, failure, at, changes);
  }

  private pause(active: ActiveTrial, reason: string, at: number, changes: Changes): void {
    const { number, attempts } = active.trial;
    changes.paused.push({ number, attempt: attempts, reason, finishedAt: at });
    this.book.paused(active, reason);
  }

  private backToQueue(active: ActiveTrial, failure: Failure | undefined, at: number, changes: Changes): void {
    const { number, attempts } = active.trial;
    changes.requeued.push({
      number,
      attempt: attempts,
      finishedAt: at,
      ...(failure === undefined ? {} : { failure }),
    });
    this.book.requeued(active);
  }

  private finish(
    active: ActiveTrial,
    state: TerminalState,
    metrics: Metrics,
    more: Pick<TrialResult, 'details' | 'failure' | 'reason'>,
    at: number,
    changes: Changes,
  ): void {
    const { trial } = active;
    const attempt = trial.state === 'running' ? trial.attempts : 0;
    trial.metrics = metrics;
    if (more.failure) trial.failure = more.failure;
    if (more.reason !== undefined) trial.reason = more.reason;
    changes.results.push({ number: trial.number, attempt, state, metrics, ...more, finishedAt: at });
    this.book.finished(active, state, at);
    changes.ended.push(trial);
  }

  /** From an attempt that was given up, or that another worker has under the same number. */
  private takeFromGivenUp(active: ActiveTrial, report: Report, changes: Changes): void {
    switch (report.kind) {
      case 'completed':
        this.giveUpFor(active, report, changes);
        this.start(active, { ...report, attempt: nextAttempt(active) }, changes);
        changes.slotSeconds += report.slotSeconds;
        return this.completed(active, report, changes);
      case 'metrics':
        changes.reports.push(reportRecord(report));
        changes.stale.push({ ...stale(report), reason: 'this attempt was given up' });
        return;
      case 'started':
        changes.stale.push({ ...stale(report), reason: 'this attempt was given up' });
        return;
      case 'failed':
      case 'stopped':
      case 'returned':
        return;
    }
  }

  /** Ends the attempt that runs now, for an earlier one has given the result. It counts as an attempt of its own. */
  private giveUpFor(active: ActiveTrial, report: Report, changes: Changes): void {
    const { number, state, attempts, workerId = '' } = active.trial;
    const reason = `attempt ${report.attempt} at ${report.workerId} was given up, yet it has the first result`;
    changes.decisions.push({
      sweepId: this.sweepId,
      number,
      action: 'accept',
      reason,
      decidedAt: report.at,
    });
    if (state !== 'running') return;
    changes.stale.push({ workerId, number, attempt: attempts, reason });
    this.backToQueue(active, { class: FailureClass.Lost, message: reason }, report.at, changes);
  }

  private lateForEnded(report: Report, changes: Changes): void {
    const trial = this.book.find(report.number);
    // What was delivered again after nats-server forgot the acknowledgement is no news about a worker.
    const isOfItsLastAttempt =
      trial && report.attempt === trial.attempts && report.workerId === trial.workerId;
    if (report.kind !== 'metrics' || isOfItsLastAttempt) return;
    changes.stale.push({
      ...stale(report),
      reason: trial ? `the trial is ${trial.state}` : 'the sweep has no such trial',
    });
  }
}

function nextAttempt({ trial, lastGranted }: ActiveTrial): number {
  return Math.max(trial.attempts, lastGranted) + 1;
}

function stale({ workerId, number, attempt }: Report): Omit<StaleAttempt, 'reason'> {
  return { workerId, number, attempt };
}

function reportRecord(report: Extract<Report, { kind: 'metrics' }>): ReportRecord {
  const { number, attempt, sequence, step, metrics, at } = report;
  return { number, attempt, sequence, step, metrics, reportedAt: at };
}

function logRecord({ number, attempt, sequence, at }: Report, lines: readonly string[]): LogRecord {
  return { number, attempt, sequence, lines, loggedAt: at };
}

function missingObjectives(missing: readonly string[], metrics: Metrics): string {
  const names = Object.keys(metrics);
  const reported = names.length === 0 ? 'no metrics' : names.join(', ');
  return `the result lacks the ${missing.length === 1 ? 'objective' : 'objectives'} ${missing.join(', ')}; it has ${reported}`;
}
