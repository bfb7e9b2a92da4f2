import { receiveMessageOnPort, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { FailureClass, type Failure } from '../../sweep/trial.js';
import { messageOf } from '../../support/errors.js';
import { signalGroup } from '../trainables/command/tied-process.js';
import { failure } from './failure-of.js';
import {
  MemberFlag,
  type AgentMessage,
  type BackendDescription,
  type EndedMember,
  type TaskMessage,
  type TaskReturn,
  type ThreadHello,
  type ThreadMessage,
  type ThreadSettings,
  type ThreadTask,
} from './protocol.js';
import { SharedDataBroker } from './shared-data-broker.js';

export interface ThreadPoolOptions extends Omit<ThreadSettings, 'silent' | 'modules'> {
  /** Nobody reads what trials log. @default false */
  readonly silent?: boolean;
  /** See `ThreadSettings`. @default false */
  readonly modules?: boolean;
  readonly slots: number;
  /** Of each thread's V8 heap. @default Node's own */
  readonly resourceLimits?: ResourceLimits;
  /** What a thread runs. @default `thread.js` beside this file */
  readonly threadFile?: URL;
}

/** What happens to a task, in this order: any number of the others, then `onExit` once. */
export interface TaskListener {
  onReport(message: Extract<TaskMessage, { kind: 'report' }>): void;
  onCheckpoint(message: Extract<TaskMessage, { kind: 'checkpoint' }>): void;
  onEnded(ended: EndedMember): void;
  onLog(text: string): void;
  onMemory(bytes: number): void;
  onPackSize(size: number): void;
  /** The thread is free for the next task. `died`: it ended before the task did, and was replaced. */
  onExit(died: Failure | undefined): void;
}

export type NewTask = Omit<ThreadTask, 'id' | 'flags' | 'allowance'>;

/** Messages of one task that may wait to be taken in: few enough that commands are heard between them. */
const receiveWindow = 256;

/** A fixed number of training threads (piscina). The thread of the caller never trains. */
export class ThreadPool {
  /** Resolves when the first thread stands; rejects where threads can't be started on this machine. */
  readonly ready: Promise<void>;
  readonly #piscina: Piscina<ThreadTask | undefined, TaskReturn | BackendDescription>;
  readonly #ports = new Set<MessagePort>();
  readonly #tasks = new Map<number, RunningTask>();
  readonly #shared = new SharedDataBroker<MessagePort>((port, message) => port.postMessage(message));
  #lastId = 0;

  constructor(options: ThreadPoolOptions) {
    const {
      slots,
      resourceLimits,
      threadFile,
      options: trainOptions,
      silent = false,
      modules = false,
    } = options;
    this.#piscina = new Piscina({
      filename: (threadFile ?? new URL('./thread.js', import.meta.url)).href,
      name: 'train',
      minThreads: slots,
      maxThreads: slots,
      workerData: { options: trainOptions, silent, modules } satisfies ThreadSettings,
      recordTiming: false,
      // Piscina's faster way stops a thread's event loop between tasks, and with it what users' modules keep open.
      atomics: 'disabled',
      ...(resourceLimits ? { resourceLimits } : {}),
    });
    this.ready = new Promise((resolve, reject) => {
      this.#piscina.on('message', (hello: ThreadHello) => {
        this.#greet(hello.port);
        resolve();
      });
      // Later: a thread that dies without a task, of something that a module left behind. Piscina replaces it.
      this.#piscina.on('error', reject);
    });
    this.ready.catch(() => undefined);
  }

  /** Starts a pack in a free thread. Call it for at most `slots` at a time. */
  start(task: NewTask, listener: TaskListener): RunningTask {
    const id = ++this.#lastId;
    const flags = new Int32Array(new SharedArrayBuffer(4 * task.members.length));
    const allowance = new Int32Array(new SharedArrayBuffer(4)).fill(receiveWindow);
    const running = new RunningTask({ ...task, id, flags, allowance }, listener, () => this.#wake());
    this.#tasks.set(id, running);
    void this.#run(running);
    return running;
  }

  /** Opens the training backend in one thread, to say what it is. Rejects, with the reason, where none works here. */
  async openBackend(): Promise<BackendDescription> {
    return (await this.#piscina.run(undefined, { name: 'openBackend' })) as BackendDescription;
  }

  async close(): Promise<void> {
    for (const task of this.#tasks.values()) task.killChildren();
    await this.#piscina.destroy();
    for (const port of this.#ports) port.close();
  }

  async #run(running: RunningTask): Promise<void> {
    let died: Failure | undefined;
    try {
      const { terminated: signal } = running;
      const result = (await this.#piscina.run(running.task, { signal })) as TaskReturn;
      // Messages come by another port; most are there already.
      this.#drain();
      await running.received(result.sent);
      for (const ended of result.ended) running.listener.onEnded(ended);
    } catch (error) {
      this.#drain();
      died = deathOf(error);
      running.killChildren();
    }
    this.#tasks.delete(running.task.id);
    running.listener.onExit(died);
  }

  #greet(port: MessagePort): void {
    this.#ports.add(port);
    port.on('message', (message: ThreadMessage) => this.#receive(port, message));
    port.on('close', () => {
      this.#ports.delete(port);
      this.#shared.forget(port);
    });
    // It must not keep the process alive: tasks do.
    port.unref();
  }

  #drain(): void {
    for (const port of this.#ports) {
      for (let next; (next = receiveMessageOnPort(port));) this.#receive(port, next.message as ThreadMessage);
    }
  }

  #receive(port: MessagePort, message: ThreadMessage): void {
    if ('task' in message) this.#tasks.get(message.task)?.receive(message);
    else this.#shared.receive(port, message);
  }

  /** Which thread runs a task is piscina's secret: all look, one finds its flag up. */
  #wake(): void {
    for (const port of this.#ports) port.postMessage({ kind: 'wake' } satisfies AgentMessage);
  }
}

/** A task in a thread. */
export class RunningTask {
  readonly #terminate = new AbortController();
  readonly #children = new Set<number>();
  #received = 0;
  /** Reports and lines of log, of which there may be too many. */
  #counted = 0;
  #storable = Infinity;
  #awaited: { readonly count: number; readonly resolve: () => void } | undefined;

  constructor(
    readonly task: ThreadTask,
    readonly listener: TaskListener,
    private readonly wake: () => void,
  ) {}

  get terminated(): AbortSignal {
    return this.#terminate.signal;
  }

  /** Child processes that run now: leaders of process groups. */
  get children(): Iterable<number> {
    return this.#children;
  }

  /** Asks these members to end: their signals abort. */
  abort(numbers: Iterable<number>): void {
    this.#flag(numbers, MemberFlag.Abort);
  }

  /** Asks these members to end with a checkpoint; the signals of those that make none abort. */
  leave(numbers: Iterable<number>): void {
    this.#flag(numbers, MemberFlag.Leave);
  }

  #flag(numbers: Iterable<number>, flag: number): void {
    const wanted = new Set(numbers);
    this.task.members.forEach((member, i) => {
      if (wanted.has(member.number)) Atomics.store(this.task.flags, i, flag);
    });
    this.wake();
  }

  /** Ends the thread now, whatever it does, and its child processes with it. */
  terminate(): void {
    this.killChildren();
    this.#terminate.abort();
  }

  killChildren(): void {
    for (const pid of this.#children) signalGroup(pid, 'SIGKILL');
  }

  receive(message: TaskMessage): void {
    this.#received++;
    switch (message.kind) {
      case 'report':
        this.#allow(++this.#counted);
        this.listener.onReport(message);
        break;
      case 'checkpoint':
        this.listener.onCheckpoint(message);
        break;
      case 'ended':
        this.listener.onEnded(message);
        break;
      case 'log':
        this.#allow(++this.#counted);
        this.listener.onLog(message.text);
        break;
      case 'memory':
        this.listener.onMemory(message.bytes);
        break;
      case 'pack-size':
        this.listener.onPackSize(message.size);
        break;
      case 'child':
        if (message.running) this.#children.add(message.pid);
        else this.#children.delete(message.pid);
        break;
    }
    if (this.#awaited && this.#received >= this.#awaited.count) this.#awaited.resolve();
  }

  /** The task may send so many more reports and lines of log, and then waits until this is called again. */
  limit(more: number): void {
    this.#storable = this.#counted + more;
    this.#allow(this.#counted);
  }

  #allow(counted: number): void {
    Atomics.store(this.task.allowance, 0, Math.min(counted + receiveWindow, this.#storable));
    Atomics.notify(this.task.allowance, 0);
  }

  /** Resolves when this many messages of the task have come. */
  async received(count: number): Promise<void> {
    if (this.#received >= count) return;
    await new Promise<void>((resolve) => (this.#awaited = { count, resolve }));
  }
}

/** Why a thread ended before its task did. */
function deathOf(error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return failure(FailureClass.Memory, 'the training thread ran out of V8 heap');
  }
  const exit = /^worker exited with code: (-?\d+)$/.exec(messageOf(error));
  if (exit) return failure(FailureClass.Crash, `the training thread ended with exit code ${exit[1]}`);
  return failure(FailureClass.Crash, `the training thread died: ${messageOf(error)}`);
}
