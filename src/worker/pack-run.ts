import { protocolVersion, type AssignedTrial, type Assignment, type Report } from '../messaging/messages.js';
import { MessageTooLargeError } from '../messaging/codec.js';
import { within } from '../messaging/connection.js';
import { messageOf } from '../support/errors.js';
import { FailureClass, type Failure, type Metrics } from '../sweep/trial.js';
import { formatBytes, formatDuration } from '../sweep/units.js';
import { AttemptLog } from './attempt-log.js';
import { CheckpointSaver } from './checkpoint-saver.js';
import type { ClaimedAssignment } from './intake.js';
import { mostPacked, type PackSizes } from './packs/pack-sizes.js';
import { ReportFlow } from './report-flow.js';
import { loadCheckpoints, mayResume, type Checkpoints, type Resumed } from './resuming.js';
import { SlotShare } from './slot-share.js';
import { failure } from './threads/failure-of.js';
import type { EndedMember, MemberEnd, Packing, TaskMember } from './threads/protocol.js';
import type { RunningTask, TaskListener, ThreadPool } from './threads/thread-pool.js';
import { sessionMemory } from './process-memory.js';

/** What ends a trial that did not end by itself. */
export type Verdict =
  | { readonly kind: 'stopped'; readonly state: 'pruned' | 'cancelled' | 'paused'; readonly reason: string }
  | { readonly kind: 'returned'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface PackRunOptions {
  readonly workerId: string;
  /** Milliseconds from asking a trial to end until its thread is ended. */
  readonly grace: number;
  /** Milliseconds without a report after which an attempt counts as hanging. Absent: never. */
  readonly hangAfter?: number;
  readonly send: (report: Report) => void;
  /** Resolves when everything sent until now is stored. */
  readonly stored: () => Promise<void>;
  readonly checkpoints: Checkpoints;
  readonly sizes: PackSizes;
  /** Bytes that one slot may take on this machine. */
  readonly slotBytes: number;
  readonly log: (text: string) => void;
  /** The slot is free. */
  readonly onFree: (run: PackRun) => void;
  /** Every member has its result. The slot may still be taken: its thread is being ended. */
  readonly onFinished: (run: PackRun) => void;
}

/** Milliseconds that a result waits for the checkpoint that was made before it; longer where it is what it is about. */
const savePatience = 5_000;
const handOnPatience = 60_000;

interface Member {
  readonly trial: AssignedTrial;
  readonly attempt: number;
  sequence: number;
  readonly log: AttemptLog;
  saver?: CheckpointSaver;
  /** Set when it is asked to end. */
  verdict?: Verdict;
  ended: boolean;
}

type ReportBody =
  | { readonly kind: 'started' }
  | { readonly kind: 'metrics'; readonly step: number; readonly metrics: Metrics }
  | SentResult;
type Result = Exclude<MemberEnd, { kind: 'aborted' | 'handed-on' }> | Verdict;
type SentResult = Result & { readonly slotSeconds: number };

/**
 * One claimed assignment, from its claim to the results of all its members. A trial that ended before its thread
 * heard that it should end has its own result; every other one has the verdict.
 */
export class PackRun implements TaskListener {
  readonly assignment: Assignment;
  readonly #members = new Map<number, Member>();
  #task: RunningTask | undefined;
  #timers: NodeJS.Timeout[] = [];
  /** While checkpoints are read: go on without them. */
  #stopLoading: (() => void) | undefined;
  /** Members that have ended and wait for their checkpoint to be stored. */
  readonly #concluding = new Set<Member>();
  #exited = false;
  #startedAt: number | undefined;
  #share = new SlotShare();
  #lastSign = 0;
  #threadMemory = 0;
  readonly #flow: ReportFlow;

  constructor(
    readonly claimed: ClaimedAssignment,
    private readonly options: PackRunOptions,
  ) {
    this.assignment = claimed.delivery.assignment;
    this.#flow = new ReportFlow(options.stored, () => this.#task);
    for (const trial of this.assignment.trials) {
      const attempt = claimed.attempts.get(trial.number);
      if (attempt !== undefined)
        this.#members.set(trial.number, { trial, attempt, sequence: 0, log: new AttemptLog(), ended: false });
    }
  }

  /** Milliseconds since it got its slot. */
  get age(): number {
    return this.#startedAt === undefined ? 0 : performance.now() - this.#startedAt;
  }

  /** Members without a result yet. */
  get running(): { sweepId: string; number: number; attempt: number }[] {
    const { sweepId } = this.assignment;
    const left = [...this.#active(), ...this.#concluding];
    return left.map(({ trial, attempt }) => ({ sweepId, number: trial.number, attempt }));
  }

  /** Gives it a slot. */
  start(pool: ThreadPool): void {
    this.#begin();
    const resuming = this.#active().filter((member) => mayResume(member.trial, member.attempt));
    if (resuming.length === 0) this.#train(pool, new Map());
    else void this.#load(resuming).then((resumed) => this.#train(pool, resumed));
  }

  async #load(members: readonly Member[]): Promise<Resumed> {
    const stopped = new Promise<void>((resolve) => (this.#stopLoading = resolve));
    const { checkpoints, log } = this.options;
    const resumed = await loadCheckpoints(checkpoints, this.assignment.sweepId, members, stopped, log);
    this.#stopLoading = undefined;
    return resumed;
  }

  #train(pool: ThreadPool, resumed: Resumed): void {
    // Who was told to stop while it waited for the slot, or for its checkpoint.
    for (const member of this.#active()) if (member.verdict) this.#conclude(member, member.verdict);
    const active = this.#active();
    if (active.length === 0) return this.onExit(undefined);
    const { sweepId, trainable, timeout, memoryLimit } = this.assignment;
    const members = active.map(({ trial }): TaskMember => {
      const resume = resumed.get(trial.number);
      return resume ? { ...trial, resume } : trial;
    });
    const memoryBytes = Math.min(memoryLimit ?? Infinity, this.options.slotBytes);
    const packing = this.#packing(members.length, memoryBytes);
    const watchMemory = memoryLimit !== undefined;
    const task = { sweepId, trainable, members, memoryBytes, watchMemory, ...(packing && { packing }) };
    this.#task = pool.start(task, this);
    if (timeout !== undefined) {
      const message = `took longer than trial.timeout allows (${formatDuration(timeout)})`;
      const verdict = { kind: 'failed', failure: failure(FailureClass.Timeout, message) } as const;
      // Node's timers end at 24.8 days: later is never.
      // Members share the slot: each may take its part of it for so long.
      const delay = Math.min(timeout * 1000 * members.length, 2 ** 31 - 1);
      this.#timers.push(setTimeout(() => this.end(verdict), delay));
    }
  }

  /** What is known, or to be found out, of how many may train together. One alone needs neither. */
  #packing(members: number, bytes: number): Packing | undefined {
    const { packKey, packMost = mostPacked } = this.assignment;
    if (packKey === undefined || members === 1) return undefined;
    const size = this.options.sizes.find(packKey, packMost);
    if (size !== undefined) return { size };
    return { limits: { most: packMost, bytes } };
  }

  /** Ends it without ever giving it a slot. */
  decline(verdict: Verdict): void {
    this.#begin();
    for (const member of this.#active()) this.#conclude(member, member.verdict ?? verdict);
  }

  /** Asks one member to end; false where that attempt does not run here. */
  stop(number: number, attempt: number, verdict: Verdict): boolean {
    const member = this.#members.get(number);
    if (!member || member.ended || member.attempt !== attempt) return false;
    this.#condemn([member], verdict);
    return true;
  }

  /** Asks all members to end. */
  end(verdict: Verdict): void {
    this.#condemn(this.#active(), verdict);
  }

  /** Called every now and then: looks whether it takes too much memory or hangs. */
  checkLimits(): void {
    const { hangAfter } = this.options;
    const { memoryLimit } = this.assignment;
    if (!this.#task) return;
    const silence = performance.now() - this.#lastSign;
    // While nats-server is away a trainable may be held back.
    if (hangAfter !== undefined && silence > hangAfter && !this.#flow.isChecking) {
      const message = `no report for ${formatDuration(silence / 1000)}, --hang-after is ${formatDuration(hangAfter / 1000)}`;
      this.end({ kind: 'failed', failure: failure(FailureClass.Hang, message) });
    }
    if (memoryLimit !== undefined) {
      let bytes = this.#threadMemory;
      for (const used of sessionMemory(this.#task.children)?.values() ?? []) bytes += used;
      if (bytes > memoryLimit) {
        const message = `uses ${formatBytes(bytes)}, trial.memoryLimit is ${formatBytes(memoryLimit)}`;
        this.end({ kind: 'failed', failure: failure(FailureClass.Memory, message) });
      }
    }
  }

  onReport({ number, step, metrics }: Parameters<TaskListener['onReport']>[0]): void {
    this.#lastSign = performance.now();
    this.#flow.count();
    const member = this.#members.get(number);
    if (!member || member.ended) return;
    try {
      this.#send(member, { kind: 'metrics', step, metrics });
    } catch (error) {
      // Too large: it would be again. Anything else (too many wait for a lost nats-server): another attempt may do.
      const failureClass = error instanceof MessageTooLargeError ? FailureClass.Trial : FailureClass.Crash;
      this.#condemn([member], { kind: 'failed', failure: failure(failureClass, messageOf(error)) });
    }
  }

  onCheckpoint({ number, step, state, metrics }: Parameters<TaskListener['onCheckpoint']>[0]): void {
    this.#lastSign = performance.now();
    const member = this.#members.get(number);
    if (!member || member.ended) return;
    const { checkpoints, log } = this.options;
    const key = { sweepId: this.assignment.sweepId, number };
    member.saver ??= new CheckpointSaver(
      (checkpoint) => checkpoints.save(key, checkpoint),
      (text) => log(`trial ${key.sweepId}-${number}: ${text}`),
    );
    member.saver.put({ step, state, metrics, attempt: member.attempt });
  }

  onEnded({ number, end }: EndedMember): void {
    const member = this.#members.get(number);
    if (member && !member.ended) this.#conclude(member, end);
  }

  onLog(text: string): void {
    this.#lastSign = performance.now();
    for (const member of this.#active()) member.log.add(text);
    const numbers = [...this.#members.keys()].join(',');
    this.options.log(`${this.assignment.sweepId}-${numbers}: ${text}`);
  }

  onMemory(bytes: number): void {
    this.#threadMemory = bytes;
    this.checkLimits();
  }

  onPackSize(size: number): void {
    const { packKey, packMost, trials } = this.assignment;
    if (packKey === undefined) return;
    this.options.sizes.note(packKey, size, packMost);
    this.options.log(
      `${this.assignment.sweepId}: of trials like ${trials[0]?.number}, ${size === 1 ? 'each trains alone' : `${size} train together`}`,
    );
  }

  onExit(died: Failure | undefined): void {
    const ended = died ?? failure(FailureClass.Crash, 'the trainable ended without ending this trial');
    for (const member of this.#active()) this.#conclude(member, { kind: 'failed', failure: ended }, true);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#task = undefined;
    this.#exited = true;
    if (this.#concluding.size === 0) this.options.onFree(this);
  }

  #active(): Member[] {
    return [...this.#members.values()].filter((member) => !member.ended);
  }

  get #pack(): { readonly pack?: readonly number[] } {
    return this.#members.size > 1 ? { pack: [...this.#members.keys()] } : {};
  }

  #begin(): void {
    this.#startedAt = this.#lastSign = performance.now();
    this.#share = new SlotShare();
    for (const member of this.#members.values()) this.#send(member, { kind: 'started' });
  }

  #condemn(members: readonly Member[], verdict: Verdict): void {
    const condemned = members.filter((member) => !member.ended && !member.verdict);
    if (condemned.length === 0) return;
    for (const member of condemned) member.verdict = verdict;
    if (!this.#task) {
      // It waits for a slot; the others may still get one.
      if (!this.#active().every((one) => one.verdict)) return;
      if (this.#startedAt === undefined) this.decline(verdict);
      else this.#stopLoading?.();
      return;
    }
    const numbers = condemned.map(({ trial }) => trial.number);
    if (goesOnLater(verdict)) this.#task.leave(numbers);
    else this.#task.abort(numbers);
    this.#timers.push(setTimeout(() => this.#giveUp(condemned), this.options.grace));
  }

  /** Its grace is over: whatever these members still do does not count, and nobody else uses the thread. */
  #giveUp(condemned: readonly Member[]): void {
    for (const member of condemned) {
      if (!member.ended && member.verdict) this.#conclude(member, member.verdict);
    }
    if (this.#active().length === 0) this.#task?.terminate();
  }

  /** `overruled`: a verdict counts more than this end. */
  #conclude(member: Member, end: MemberEnd | Verdict, overruled = end.kind === 'aborted'): void {
    const result = overruled && member.verdict ? member.verdict : end;
    const slotSeconds = this.#share.seconds(this.#active().length);
    member.ended = true;
    const handsOn = result.kind === 'handed-on';
    const body: Result =
      result.kind === 'aborted'
        ? { kind: 'failed', failure: failure(FailureClass.Crash, 'aborted without a reason') }
        : handsOn
          ? { kind: 'completed', metrics: result.metrics }
          : result;
    if (result.kind === 'completed') member.saver?.drop();
    // The next attempt shall find it, or the trial that goes on from it.
    const saving = result.kind === 'completed' ? undefined : member.saver?.settled;
    if (saving || handsOn) void this.#concludeLater(member, { ...body, slotSeconds }, saving, handsOn);
    else this.#sendResult(member, { ...body, slotSeconds });
  }

  async #concludeLater(
    member: Member,
    result: SentResult,
    saving: Promise<void> | undefined,
    handsOn: boolean,
  ): Promise<void> {
    this.#concluding.add(member);
    if (saving) await within(handsOn ? handOnPatience : savePatience, saving);
    this.#concluding.delete(member);
    const { until = Infinity } = member.trial;
    const isKept = !handsOn || (member.saver?.savedStep ?? -Infinity) >= until;
    const { slotSeconds } = result;
    const lost = failure(FailureClass.Crash, `its checkpoint of step ${until} could not be stored`);
    try {
      this.#sendResult(member, isKept ? result : { kind: 'failed', failure: lost, slotSeconds });
    } catch (error) {
      // The bus was closed meanwhile: the coordinator takes the trial for lost.
      this.options.log(messageOf(error));
    }
    if (this.#exited && this.#concluding.size === 0) this.options.onFree(this);
  }

  #sendResult(member: Member, result: SentResult): void {
    try {
      this.#send(member, result);
    } catch (error) {
      const refused = failure(FailureClass.Trial, `its result can't be sent: ${messageOf(error)}`);
      this.#send(member, { kind: 'failed', failure: refused, slotSeconds: result.slotSeconds });
    }
    if (this.#active().length === 0 && this.#concluding.size === 0) this.options.onFinished(this);
  }

  #send(member: Member, body: ReportBody): void {
    const report = {
      ...body,
      version: protocolVersion,
      sweepId: this.assignment.sweepId,
      number: member.trial.number,
      attempt: member.attempt,
      workerId: this.options.workerId,
      sequence: member.sequence,
      at: Date.now(),
      ...(body.kind === 'started' ? this.#pack : member.log.taken(body.kind !== 'metrics')),
    };
    // Ours are readonly, the schema's are not; nothing changes them.
    this.options.send(report as Report);
    member.sequence++;
  }
}

/** Whether the trial goes on after this, so that what it has reached is worth saving. */
function goesOnLater(verdict: Verdict): boolean {
  return verdict.kind === 'returned' || (verdict.kind === 'stopped' && verdict.state === 'paused');
}
