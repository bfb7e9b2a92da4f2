import { rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { CoordinatorBus, Delivery, WorkerBus } from '../../../src/messaging/bus.js';
import { protocolVersion, type Report } from '../../../src/messaging/messages.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import { SweepRunner } from '../../../src/coordinator/runner/runner.js';
import type { RunnerOptions } from '../../../src/coordinator/runner/runner-options.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { openStore } from '../../../src/store/open-store.js';
import type { SweepRecord, SweepStore } from '../../../src/store/sweep-store.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { workerState } from '../../support/messages.js';
import { temporaryDirectory } from '../../support/nats.js';

export interface Running {
  readonly runner: SweepRunner;
  readonly store: SweepStore;
  readonly sweep: SweepRecord;
  readonly said: string[];
}

/** A runner of a new sweep, on SQLite in a folder of its own, that has started. */
export async function startRunner(
  definition: SweepDefinition,
  bus: CoordinatorBus,
  options: Partial<RunnerOptions> = {},
): Promise<Running> {
  const directory = await temporaryDirectory();
  const store = await openStore({ directory });
  onTestFinished(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const sweep = await store.createSweep({ definition, source: '' });
  const said: string[] = [];
  const runner = new SweepRunner({
    sweep,
    book: new TrialBook(),
    sampler: createSampler(definition, compileSpace(definition)),
    store,
    bus,
    say: (line) => said.push(line),
    ...options,
  });
  await runner.start();
  return { runner, store, sweep, said };
}

/** The bus, but for what is done otherwise. */
export function busBut(bus: CoordinatorBus, otherwise: Partial<CoordinatorBus>): CoordinatorBus {
  return new Proxy(bus, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in otherwise ? otherwise : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** What a trial comes to at a worker: metrics, or how it fails. */
export type Outcome = { y: number } | Extract<Report, { kind: 'failed' }>['failure'];

/**
 * A worker that trains one at a time and has a slot free, as far as a coordinator sees: takes what it can read, claims, says that it started, and
 * reports what `train` comes to.
 */
export class ScriptedWorker {
  readonly #end = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #running: { sweepId: string; number: number; attempt: number }[] = [];

  private constructor(
    private readonly bus: WorkerBus,
    private readonly id: string,
    private readonly train: (number: number, attempt: number) => Outcome | Promise<Outcome>,
  ) {}

  static async start(
    bus: WorkerBus,
    id: string,
    train: (number: number, attempt: number) => Outcome | Promise<Outcome>,
  ): Promise<ScriptedWorker> {
    const worker = new ScriptedWorker(bus, id, train);
    await worker.#announce();
    worker.#timer = setInterval(() => void worker.#announce(), 200);
    worker.#loop = worker.#work();
    onTestFinished(() => worker.stop());
    return worker;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#end.abort();
    await this.#loop;
  }

  async #announce(): Promise<void> {
    await this.bus.announce(workerState(this.id, { slots: 2, running: this.#running }));
  }

  async #work(): Promise<void> {
    for (;;) {
      const delivery = await this.bus.nextAssignment('default', this.#end.signal);
      if (!delivery) return;
      await this.#take(delivery);
    }
  }

  async #take(delivery: Delivery): Promise<void> {
    const { sweepId, trials } = delivery.assignment;
    const numbers = trials.map(({ number }) => number);
    const claim = { version: protocolVersion, workerId: this.id, sweepId, numbers } as const;
    const reply = await this.bus.claim(claim, this.#end.signal);
    if (!reply) return;
    if (reply.retryAfter !== undefined) delivery.giveBack(Math.min(reply.retryAfter, 500));
    for (const { number, attempt } of reply.granted) await this.#run(sweepId, number, attempt);
    if (reply.retryAfter === undefined) await delivery.done();
  }

  async #run(sweepId: string, number: number, attempt: number): Promise<void> {
    const base = { version: protocolVersion, sweepId, number, attempt, workerId: this.id } as const;
    this.#running = [{ sweepId, number, attempt }];
    this.bus.report({ ...base, kind: 'started', sequence: 0, at: Date.now() });
    const outcome = await this.train(number, attempt);
    const end = { ...base, sequence: 1, at: Date.now(), slotSeconds: 0.01 };
    if ('class' in outcome) this.bus.report({ ...end, kind: 'failed', failure: outcome });
    else this.bus.report({ ...end, kind: 'completed', metrics: outcome });
    this.#running = [];
  }
}
