import { randomBytes } from 'node:crypto';
import { afterAll, onTestFinished } from 'vitest';
import type { CoordinatorBus, WorkerBus } from '../../src/messaging/bus.js';
import {
  protocolVersion,
  type AssignedTrial,
  type Assignment,
  type Claim,
  type ClaimReply,
  type Report,
  type WorkerState,
} from '../../src/messaging/messages.js';
import { connectCoordinatorBus } from '../../src/messaging/nats-coordinator-bus.js';
import { connectWorkerBus } from '../../src/messaging/nats-worker-bus.js';
import type { JsonObject } from '../../src/sweep/json.js';
import type { TrainableReference } from '../../src/sweep/sweep-definition.js';
import { startTestNats, type TestNats } from '../support/nats.js';

export type ResultReport = Exclude<Report, { kind: 'started' | 'metrics' }>;

let sharedNats: Promise<TestNats> | undefined;
afterAll(async () => (await sharedNats)?.stop());

/** As much of a coordinator as a worker sees: it assigns, grants what is claimed, and keeps what is reported. */
export class TestCoordinator {
  readonly reports: Report[] = [];
  readonly claims: Claim[] = [];
  /** The last state of each worker. */
  readonly fleet = new Map<string, WorkerState>();
  /** How a claim is answered. */
  answer: (claim: Claim) => ClaimReply = (claim) => this.grant(claim.numbers);
  readonly #attempts = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  #published = 0;

  private constructor(
    readonly nats: TestNats,
    readonly bus: CoordinatorBus,
    /** The sweep, and the pool of its own that its workers are in. */
    readonly sweepId: string,
  ) {}

  /** Ends with the test. Its nats-server is the file's, or one of its own where a test is to harm it. */
  static async start(options: { ownServer?: boolean } = {}): Promise<TestCoordinator> {
    const nats = options.ownServer
      ? await startTestNats({ untilTestEnds: true })
      : await (sharedNats ??= startTestNats({ untilTestEnds: false }));
    const bus = await connectCoordinatorBus({ address: nats.coordinator, name: 'test coordinator' });
    onTestFinished(() => bus.close());
    const sweepId = randomBytes(4).toString('hex');
    const coordinator = new TestCoordinator(nats, bus, sweepId);
    // Creates the pool's consumer, so that workers that come early wait at it.
    await coordinator.pending();
    bus.answerClaims(sweepId, (claim) => {
      coordinator.claims.push(claim);
      return coordinator.answer(claim);
    });
    await bus.consumeReports(sweepId, (reports) => {
      coordinator.reports.push(...reports);
      coordinator.#changed();
      return Promise.resolve();
    });
    await bus.watchFleet((id, state) => {
      if (state) coordinator.fleet.set(id, state);
      else coordinator.fleet.delete(id);
      coordinator.#changed();
    });
    return coordinator;
  }

  grant(numbers: readonly number[]): ClaimReply {
    const granted = numbers.map((number) => {
      const attempt = (this.#attempts.get(number) ?? 0) + 1;
      this.#attempts.set(number, attempt);
      return { number, attempt };
    });
    return { version: protocolVersion, granted };
  }

  /** A second connection, as a worker's. */
  async workerBus(): Promise<WorkerBus> {
    const bus = await connectWorkerBus({ address: this.nats.worker, name: 'test worker' });
    onTestFinished(() => bus.close());
    return bus;
  }

  /** Publishes one assignment: a trial for each of the parameters, numbered from `first`. */
  async assign(
    trainable: TrainableReference,
    parameters: readonly JsonObject[],
    options: {
      first?: number;
      timeout?: number;
      memoryLimit?: number;
      sweepId?: string;
      checkpoint?: AssignedTrial['checkpoint'];
      until?: number;
      packKey?: string;
      packMost?: number;
    } = {},
  ): Promise<void> {
    const { first = 0, checkpoint, until, ...limits } = options;
    const assignment: Assignment = {
      version: protocolVersion,
      sweepId: options.sweepId ?? this.sweepId,
      trainable: trainable as Assignment['trainable'],
      trials: parameters.map((one, i) => ({
        number: first + i,
        parameters: { ...one } as never,
        seed: 7 + i,
        ...(checkpoint ? { checkpoint } : {}),
        ...(until === undefined ? {} : { until }),
      })),
      ...limits,
    };
    await this.bus.publishAssignments(this.sweepId, [
      { messageId: `${this.sweepId}:${this.#published++}`, assignment },
    ]);
  }

  /** Assignments that wait or are with a worker. */
  async pending(): Promise<number> {
    return await this.bus.pendingAssignments(this.sweepId);
  }

  /** What was reported of a trial, in the order it came. */
  of(number: number): Report[] {
    return this.reports.filter((report) => report.number === number);
  }

  results(): ResultReport[] {
    return this.reports.filter(
      (report): report is ResultReport => !['started', 'metrics'].includes(report.kind),
    );
  }

  /** Resolves with the result of a trial's attempt. */
  async result(number: number, attempt = 1): Promise<ResultReport> {
    return await this.until(() =>
      this.results().find((report) => report.number === number && report.attempt === attempt),
    );
  }

  /** Resolves with the first defined, not false value that `look` gives, asked at every change. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
