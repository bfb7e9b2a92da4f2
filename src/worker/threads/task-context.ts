import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import type { JsonValue } from '../../sweep/json.js';
import { createRandom, type Random } from '../../sweep/random.js';
import { FailureClass, type Metrics } from '../../sweep/trial.js';
import { mostCheckpointBytes } from '../../messaging/checkpoints.js';
import { formatBytes } from '../../sweep/units.js';
import type { PackMember, SavedState, TrainContext, TrainOptions } from '../trainables/trainable.js';
import { failure, failureOf } from './failure-of.js';
import {
  MemberFlag,
  type EndedMember,
  type MemberEnd,
  type TaskMember,
  type TaskMessage,
  type ThreadTask,
} from './protocol.js';
import { HandingOn } from './handing-on.js';
import type { SharedDataClient } from './shared-data-client.js';

/** A result must fit into one NATS message (1 MiB at most by default) together with its metrics. */
const maxDetails = 512 * 1024;
const maxMetricName = 128;
const memoryInterval = 1_000;
/** Milliseconds of training between two checkpoints, where nothing is said. */
const checkpointInterval = 30_000;

/** What a context needs of the thread it is in. */
export interface ThreadHost {
  readonly port: MessagePort;
  readonly shared: SharedDataClient;
  readonly options: TrainOptions;
  readonly silent: boolean;
}

/** A member of the pack as the thread sees it. */
class Member implements PackMember<unknown> {
  readonly number: number;
  readonly seed: number;
  parameters: unknown;
  readonly checkpoint?: SavedState;
  /** Another trial will go on from it. */
  readonly handingOn?: HandingOn;
  lastStep = -Infinity;
  lastMetrics: Metrics = {};
  end: MemberEnd | undefined;
  /** Its signal has aborted; it may still save what it has, and ends then. */
  isLeaving = false;
  /** It asks whether a checkpoint is due. */
  asksForCheckpoints = false;
  savedAt = performance.now();
  readonly controller = new AbortController();
  readonly signal: AbortSignal;
  #random: Random | undefined;

  constructor(assigned: TaskMember, look: () => void) {
    this.number = assigned.number;
    this.seed = assigned.seed;
    this.parameters = assigned.parameters;
    if (assigned.resume) {
      const { step, state, metrics } = assigned.resume;
      // Whether its steps go on from there is its own affair: a checkpoint that it can't read lets it begin anew.
      this.checkpoint = { step, state };
      this.lastMetrics = metrics;
    }
    if (assigned.until !== undefined) this.handingOn = new HandingOn(assigned.until);
    this.signal = this.controller.signal;
    // A training loop that never yields gets no message; whenever it asks, it gets the truth.
    const { signal } = this;
    const inherited = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted');
    Object.defineProperty(signal, 'aborted', {
      get: () => {
        look();
        return inherited?.get?.call(signal) as boolean;
      },
    });
  }

  /** It needs no more training. */
  get isGone(): boolean {
    return this.end !== undefined || this.isLeaving;
  }

  get random(): Random {
    return (this.#random ??= createRandom(this.seed));
  }
}

/** The context in which a thread trains one pack. */
export class TaskContext implements TrainContext {
  readonly options: TrainOptions;
  readonly members: readonly Member[];
  readonly #unsent: EndedMember[] = [];
  #sent = 0;
  /** Reports and lines of log. */
  #counted = 0;
  #memorySaid = 0;
  /** Bytes outside the heap that earlier tasks left: WebAssembly's memory never gets smaller. */
  readonly #left = process.memoryUsage().external;
  readonly #memoryTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly task: ThreadTask,
    private readonly host: ThreadHost,
  ) {
    this.options = host.options;
    const look = (): void => this.lookAtFlags();
    this.members = task.members.map((assigned) => new Member(assigned, look));
    if (task.watchMemory) this.#memoryTimer = setInterval(() => this.#sayMemory(), memoryInterval);
  }

  /** Of what the thread may take as a whole, tensors may take what its heap leaves: that is known once they are made. */
  get memoryBytes(): number {
    const { memoryBytes = Infinity, watchMemory } = this.task;
    return watchMemory ? tensorBytes(memoryBytes) : memoryBytes;
  }

  report(of: PackMember<unknown>, step: number, metrics: Metrics): void {
    this.lookAtFlags();
    const member = this.members[this.#indexOf(of)];
    // Of one that is leaving too: its checkpoint goes on after what it reports now.
    if (!member || member.end) return;
    const problem = problemOfStep(step, member.lastStep) ?? problemOfMetrics(metrics, `at step ${step}`);
    if (problem) return this.#refuse(member, problem);
    member.lastStep = step;
    member.lastMetrics = { ...member.lastMetrics, ...metrics };
    if (!this.#await(member)) return;
    this.#send({ task: this.task.id, kind: 'report', number: member.number, step, metrics });
    if (this.task.watchMemory) this.#sayMemory();
    const hindrance = member.handingOn?.reported(step, member.asksForCheckpoints);
    if (hindrance !== undefined) this.#refuse(member, hindrance);
    else this.#handOn(member);
  }

  complete(of: PackMember<unknown>, metrics: Metrics, details?: JsonValue): void {
    const member = this.#running(of);
    if (!member) return;
    const text = details === undefined ? undefined : JSON.stringify(details);
    const problem =
      problemOfMetrics(metrics, 'in the result') ?? problemOfDetails(text) ?? member.handingOn?.ended();
    if (problem) {
      this.#end(member, { kind: 'failed', failure: failure(FailureClass.Trial, problem) });
      return;
    }
    this.#end(member, {
      kind: 'completed',
      metrics: { ...member.lastMetrics, ...metrics },
      // What a module calls JSON may be more, which no message takes.
      ...(text === undefined ? {} : { details: JSON.parse(text) as JsonValue }),
    });
  }

  fail(of: PackMember<unknown>, error: unknown): void {
    const member = this.#running(of);
    if (member) this.#end(member, { kind: 'failed', failure: failureOf(error) });
  }

  checkpoint(of: PackMember<unknown>, step: number, state: Uint8Array): void {
    this.lookAtFlags();
    const at = this.#indexOf(of);
    const member = this.members[at];
    if (!member || member.end) return;
    member.savedAt = performance.now();
    if (state.byteLength > mostCheckpointBytes) {
      const most = formatBytes(mostCheckpointBytes);
      const text = `no checkpoint of ${formatBytes(state.byteLength)} is kept, ${most} at most`;
      this.log(`trial ${member.number}: ${text}`);
      if (member.handingOn?.isDue) return this.#refuse(member, `${text}: no other trial can go on from it`);
    } else {
      const { number, lastMetrics: metrics } = member;
      this.#send({ task: this.task.id, kind: 'checkpoint', number, step, state, metrics });
      member.handingOn?.saved(step);
      if (this.#handOn(member)) return;
    }
    if (!member.isLeaving && Atomics.load(this.task.flags, at) !== MemberFlag.Leave) return;
    this.#end(member, { kind: 'aborted' });
    member.controller.abort();
  }

  checkpointDue(of: PackMember<unknown>): boolean {
    const at = this.#indexOf(of);
    const member = this.members[at];
    if (!member) return false;
    member.asksForCheckpoints = true;
    this.lookAtFlags();
    if (member.isGone) return false;
    const { checkpointEvery = checkpointInterval } = this.options;
    return (
      Atomics.load(this.task.flags, at) === MemberFlag.Leave ||
      member.handingOn?.isDue === true ||
      performance.now() - member.savedAt >= checkpointEvery
    );
  }

  async shared<T>(key: string, load: () => Promise<T>): Promise<T> {
    return (await this.host.shared.get(key, load)) as T;
  }

  log(text: string): void {
    if (this.host.silent || !this.#await()) return;
    this.#send({ task: this.task.id, kind: 'log', text });
  }

  foundPackSize(size: number): void {
    this.#send({ task: this.task.id, kind: 'pack-size', size });
  }

  /** A member makes a checkpoint that will come later. */
  saving(number: number): void {
    this.members.find((member) => member.number === number)?.handingOn?.saving();
  }

  /** Tells the agent of a child process that must not outlive this task. */
  child(pid: number, running: boolean): void {
    this.#send({ task: this.task.id, kind: 'child', pid, running });
  }

  /** Ends those at once that begin with a checkpoint from which they need not train: what it says is their result. */
  handOnWhatIsDone(): void {
    this.task.members.forEach(({ resume, until = Infinity }, at) => {
      const member = this.members[at];
      if (!member || member.end || !resume || resume.step < until) return;
      const { step, state, metrics } = resume;
      this.report(member, step, metrics);
      this.checkpoint(member, step, state);
    });
  }

  /** Aborts the signals of the members that are to end, but for those that will save before. */
  lookAtFlags(): void {
    for (let i = 0; i < this.members.length; i++) {
      const member = this.members[i];
      // Not `signal.aborted`: it would come back here.
      if (!member || member.end) continue;
      const flag = Atomics.load(this.task.flags, i);
      if (flag === MemberFlag.Abort) {
        this.#end(member, { kind: 'aborted' });
        member.controller.abort();
      } else if (flag === MemberFlag.Leave && !member.asksForCheckpoints && !member.isLeaving) {
        member.isLeaving = true;
        member.controller.abort();
      }
    }
  }

  /** Ends who has not ended: as complete, or as failed with `error`. Nothing is said any more after this. */
  close(error?: { readonly thrown: unknown }): { sent: number; ended: readonly EndedMember[] } {
    this.lookAtFlags();
    for (const member of this.members) {
      if (member.end) continue;
      if (member.isLeaving) this.#end(member, { kind: 'aborted' });
      else if (error) this.fail(member, error.thrown);
      else if (Object.keys(member.lastMetrics).length === 0) this.fail(member, new NoResult());
      else this.complete(member, {});
    }
    clearInterval(this.#memoryTimer);
    return { sent: this.#sent, ended: this.#unsent };
  }

  /** Says at once what `close` left for the task's return, which will not come. */
  sendEnds(ended: readonly EndedMember[]): void {
    for (const one of ended) this.#send({ task: this.task.id, kind: 'ended', ...one });
  }

  /** Waits until one more may be sent; false where the member, or everybody, was stopped meanwhile. */
  #await(member?: Member): boolean {
    const { allowance } = this.task;
    this.#counted++;
    for (let allowed; this.#counted > (allowed = Atomics.load(allowance, 0));) {
      // Not for ever: an abort comes by another word.
      Atomics.wait(allowance, 0, allowed, 50);
      this.lookAtFlags();
      if (member ? member.end : this.members.every((one) => one.isGone)) return false;
    }
    return true;
  }

  /** Whether that was its end: it has handed on. */
  #handOn(member: Member): boolean {
    if (!member.handingOn?.isOver) return false;
    this.#end(member, { kind: 'handed-on', metrics: member.lastMetrics });
    member.controller.abort();
    return true;
  }

  /** Nothing it does from here on counts. */
  #refuse(member: Member, problem: string): void {
    this.#end(member, { kind: 'failed', failure: failure(FailureClass.Trial, problem) });
    member.controller.abort();
  }

  #running(of: PackMember<unknown>): Member | undefined {
    this.lookAtFlags();
    const member = this.members[this.#indexOf(of)];
    return member?.isGone ? undefined : member;
  }

  #indexOf(of: PackMember<unknown>): number {
    return this.members.findIndex((one) => one === of || one.number === of.number);
  }

  #end(member: Member, end: MemberEnd): void {
    member.end = end;
    const ended = { number: member.number, end };
    // The last end is the task's own: one message less.
    if (this.members.every((one) => one.end)) this.#unsent.push(ended);
    else this.#send({ task: this.task.id, kind: 'ended', ...ended });
  }

  #send(message: TaskMessage): void {
    this.host.port.postMessage(message);
    this.#sent++;
  }

  #sayMemory(): void {
    const now = performance.now();
    if (now - this.#memorySaid < memoryInterval / 2) return;
    this.#memorySaid = now;
    const { heapUsed, external } = process.memoryUsage();
    const bytes = heapUsed + Math.max(0, external - this.#left);
    this.#send({ task: this.task.id, kind: 'memory', bytes });
  }
}

/** WebAssembly's memory grows by a fifth of itself at a time. */
const growth = 1.2;

/** What tensors may take where so many bytes are the limit of all that the thread takes. */
function tensorBytes(limit: number): number {
  return Math.max(0, limit - process.memoryUsage().heapUsed) / growth;
}

class NoResult extends Error {
  override readonly name = 'TrialError';
  constructor() {
    super('ended without a result: no metric was reported or returned');
  }
}

function problemOfStep(step: number, last: number): string | undefined {
  if (typeof step !== 'number' || !Number.isFinite(step))
    return `step ${String(step)} is not a finite number`;
  return step < last ? `step ${step} was reported after step ${last}: steps ascend` : undefined;
}

function problemOfMetrics(metrics: Metrics, where: string): string | undefined {
  for (const [name, value] of Object.entries(metrics) as [string, unknown][]) {
    if (typeof value !== 'number')
      return `${name} is ${inspect(value, { depth: 0 }).slice(0, 100)} ${where}: metrics are numbers`;
    if (!Number.isFinite(value)) return `${name} is ${value} ${where}`;
    if (name.length > maxMetricName)
      return `the name of metric ${name.slice(0, 40)}... has over ${maxMetricName} characters`;
  }
  return undefined;
}

function problemOfDetails(text: string | undefined): string | undefined {
  const bytes = Buffer.byteLength(text ?? '');
  return bytes > maxDetails
    ? `the result's details take ${bytes} bytes, at most ${maxDetails} are kept`
    : undefined;
}
