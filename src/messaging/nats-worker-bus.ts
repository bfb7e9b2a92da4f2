import { setTimeout } from 'node:timers/promises';
import { NatsError } from 'nats';
import { z } from 'zod';
import { trialId, type TrialKey } from '../sweep/trial.js';
import { answerRequests } from './answering.js';
import { AssignmentSource } from './assignment-source.js';
import type { Delivery, Subscription, WorkerBus } from './bus.js';
import { CheckpointStore, type Checkpoint } from './checkpoints.js';
import { decodeMessage, encodeMessage, MessageRefusedError } from './codec.js';
import { connectToNats, type BusConnection, type ConnectOptions } from './connection.js';
import {
  claimReplySchema,
  commandSchema,
  pingSchema,
  protocolVersion,
  type Claim,
  type ClaimReply,
  type Command,
  type CommandReply,
  type Report,
  type WorkerState,
} from './messages.js';
import { BusClosedError, Publisher } from './publisher.js';
import { ReportSender } from './report-sender.js';
import * as subjects from './subjects.js';

/** More reports wait to be stored than memory should hold: nats-server is away for long, or too slow. */
export class ReportBacklogError extends Error {
  override readonly name = 'ReportBacklogError';
  constructor(readonly characters: number) {
    super(`${characters} characters of reports wait for nats-server, at most ${mostBacklog} may`);
  }
}

/** Characters: of about a million reports. */
const mostBacklog = 256 * 1024 * 1024;
/** Milliseconds a coordinator has to answer a claim before it is asked again. */
const claimTimeout = 2000;

/** @throws EnvironmentError */
export async function connectWorkerBus(options: Omit<ConnectOptions, 'role'>): Promise<WorkerBus> {
  return new NatsWorkerBus(await connectToNats({ ...options, role: 'worker' }));
}

class NatsWorkerBus implements WorkerBus {
  readonly #publisher: Publisher;
  readonly #reports: ReportSender;
  readonly #checkpoints: CheckpointStore;
  readonly #idleSources = new Map<string, AssignmentSource[]>();
  readonly #sources = new Set<AssignmentSource>();
  #closed = false;

  constructor(private readonly connection: BusConnection) {
    this.#publisher = new Publisher(connection);
    this.#reports = new ReportSender(this.#publisher, connection.log);
    this.#checkpoints = new CheckpointStore(connection);
  }

  async nextAssignment(pool: string, signal: AbortSignal): Promise<Delivery | undefined> {
    if (this.#closed) throw new BusClosedError('the bus is closed');
    const idle = this.#idleSources.get(pool) ?? [];
    this.#idleSources.set(pool, idle);
    const source = idle.pop() ?? new AssignmentSource(this.connection, pool);
    this.#sources.add(source);
    const delivery = await source.next(signal);
    if (delivery) idle.push(source);
    else await this.#drop(source);
    return delivery;
  }

  async claim(claim: Claim, signal: AbortSignal): Promise<ClaimReply | undefined> {
    let stop = (): void => undefined;
    const aborted = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([this.#claimUntilAnswered(claim, signal), aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #claimUntilAnswered(claim: Claim, signal: AbortSignal): Promise<ClaimReply | undefined> {
    const subject = subjects.claimSubject(claim.sweepId);
    const payload = encodeMessage(`claim of ${claim.sweepId}`, claim);
    for (let failures = 0; !signal.aborted && !this.#closed; failures++) {
      try {
        const reply = await this.connection.nats.request(subject, payload, { timeout: claimTimeout });
        return decodeMessage(`answer on ${subject}`, claimReplySchema, reply.data);
      } catch (error) {
        if (error instanceof MessageRefusedError) this.connection.log(`${error.message}; asking again`);
        else if (!(error instanceof NatsError)) throw error;
        const delay = Math.min(2000, 50 * 2 ** failures) * (0.5 + Math.random() / 2);
        await setTimeout(delay, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  report(report: Report): void {
    if (this.#closed) throw new BusClosedError('the bus is closed');
    const { waiting } = this.#reports;
    if (report.kind === 'metrics' && waiting > mostBacklog) throw new ReportBacklogError(waiting);
    this.#reports.add(report, `report ${report.sequence} of trial ${trialId(report)}`);
  }

  async flushReports(): Promise<void> {
    await this.#reports.idle();
  }

  async saveCheckpoint(trial: TrialKey, checkpoint: Checkpoint): Promise<void> {
    await this.#checkpoints.save(trial, checkpoint);
  }

  async loadCheckpoint(trial: TrialKey): Promise<Checkpoint | undefined> {
    return await this.connection.persistently(`checkpoint of ${trialId(trial)}`, () =>
      this.#checkpoints.load(trial),
    );
  }

  async announce(state: WorkerState): Promise<void> {
    if (!this.connection.connected) return;
    const payload = encodeMessage(`state of worker ${state.workerId}`, state);
    await this.connection.nats
      .jetstream()
      .publish(subjects.keySubject(subjects.fleetBucket, state.workerId), payload, { timeout: 2000 })
      .catch((error: unknown) => {
        if (!(error instanceof NatsError)) throw error;
      });
  }

  answerCommands(workerId: string, answer: (command: Command) => CommandReply): Subscription {
    return answerRequests(this.connection, {
      subject: subjects.commandSubject(workerId),
      what: `command for ${workerId}`,
      schema: z.union([commandSchema, pingSchema]),
      answer: (command) =>
        command.kind === 'ping' ? { version: protocolVersion, accepted: true } : answer(command),
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#sources].map((source) => this.#drop(source)));
    this.#publisher.close();
    await this.connection.close();
  }

  async #drop(source: AssignmentSource): Promise<void> {
    this.#sources.delete(source);
    await source.stop();
  }
}
