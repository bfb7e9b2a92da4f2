import { NatsError, type JetStreamManager, type KV } from 'nats';
import { answerRequests, requestIfThere } from './answering.js';
import type { CoordinatorBus, Lease, ReportsSubscription, Subscription } from './bus.js';
import { CheckpointKeeper } from './checkpoints.js';
import { decodeMessage, encodeMessage } from './codec.js';
import { connectToNats, type BusConnection, type ConnectOptions } from './connection.js';
import { FleetWatch } from './fleet-watch.js';
import { describeAddress } from './join-string.js';
import {
  claimSchema,
  commandReplySchema,
  controlReplySchema,
  controlRequestSchema,
  submitReplySchema,
  submitRequestSchema,
  type Assignment,
  type Claim,
  type ClaimReply,
  type Command,
  type CommandReply,
  type ControlReply,
  type ControlRequest,
  type Report,
  type SubmitReply,
  type SubmitRequest,
  type WorkerState,
} from './messages.js';
import { Publisher } from './publisher.js';
import { ReportGroups, type Backlog } from './report-groups.js';
import {
  ApiErrorCode,
  dropReports,
  ensurePoolConsumer,
  ensureStreams,
  isApiError,
  purgeSubjects,
  restartSweepConsumer,
} from './streams.js';
import * as subjects from './subjects.js';
import { acquireLease, leaseHolder } from './sweep-lease.js';
import { busTimings, type BusTimings } from './timings.js';
import { AwayError, messageOf } from '../support/errors.js';

/** No worker of that id answers: it is gone, or cut off. */
export class WorkerUnreachableError extends Error {
  override readonly name = 'WorkerUnreachableError';
  constructor(
    readonly workerId: string,
    options?: ErrorOptions,
  ) {
    super(`worker ${workerId} does not answer`, options);
  }
}

/** Milliseconds a worker has to answer a command. */
const commandTimeout = 2000;

/** Streams and buckets are created where they are missing. @throws AwayError, EnvironmentError */
export async function connectCoordinatorBus(
  options: Omit<ConnectOptions, 'role'> & { readonly timings?: BusTimings; readonly replicas?: number },
): Promise<CoordinatorBus> {
  const connection = await connectToNats({ ...options, role: 'coordinator' });
  try {
    const timings = options.timings ?? busTimings();
    const manager = await connection.nats.jetstreamManager();
    await ensureStreams(manager, timings, options.replicas);
    const leases = await connection.nats.jetstream().views.kv(subjects.leaseBucket, { bindOnly: true });
    return new NatsCoordinatorBus(connection, manager, leases, timings, options.replicas);
  } catch (error) {
    await connection.close();
    throw asAway(
      error,
      `JetStream of the nats-server at ${describeAddress(options.address)} does not answer`,
    );
  }
}

/** What a nats-server that is just starting, or has just gone, makes of a request; any other error as it is. */
function asAway(error: unknown, text: string): unknown {
  const isAway =
    error instanceof NatsError &&
    (!error.api_error || isApiError(error, ApiErrorCode.TemporarilyUnavailable));
  return isAway ? new AwayError(`${text}: ${error.message}`, { cause: error }) : error;
}

class NatsCoordinatorBus implements CoordinatorBus {
  readonly #publisher: Publisher;
  readonly #checkpoints: CheckpointKeeper;
  readonly #pools = new Set<string>();
  /** Sweeps whose reports nobody needs any more. */
  readonly #done = new Set<string>();
  readonly #subscriptions = new Set<Subscription>();

  constructor(
    private readonly connection: BusConnection,
    private readonly manager: JetStreamManager,
    private readonly leases: KV,
    private readonly timings: BusTimings,
    private readonly replicas: number | undefined,
  ) {
    this.#publisher = new Publisher(connection, { repair: () => this.#repair() });
    this.#checkpoints = new CheckpointKeeper(connection, manager);
    connection.onReconnect(() => {
      this.#repair().catch((error: unknown) => connection.log(messageOf(error)));
    });
  }

  async openPool(pool: string): Promise<void> {
    if (this.#pools.has(pool)) return;
    this.#pools.add(pool);
    await this.#repair();
  }

  async publishAssignments(
    pool: string,
    assignments: readonly { messageId: string; assignment: Assignment }[],
  ): Promise<void> {
    await this.openPool(pool);
    const encoded = assignments.map(({ messageId, assignment }) => ({
      messageId,
      subject: subjects.assignmentSubject(pool, assignment.sweepId),
      payload: encodeMessage(`assignment ${messageId}`, assignment),
    }));
    await Promise.all(
      encoded.map(({ messageId, subject, payload }) => this.#publisher.publish(subject, payload, messageId)),
    );
  }

  async pendingAssignments(pool: string, sweepId?: string): Promise<number> {
    const filter =
      sweepId === undefined ? subjects.poolSubjects(pool) : subjects.assignmentSubject(pool, sweepId);
    // Where the stream or the pool's consumer are gone this brings them back, though nothing is published just now.
    this.#pools.add(pool);
    await this.#repair();
    return await this.connection.persistently('assignments', () =>
      this.#count(subjects.assignmentsStream, filter),
    );
  }

  async consumeReports(
    sweepId: string,
    handle: (reports: readonly Report[]) => Promise<void>,
  ): Promise<ReportsSubscription> {
    const groups = new ReportGroups(this.connection, {
      sweepId,
      handle,
      restartConsumer: async () => {
        await ensureStreams(this.manager, this.timings, this.replicas);
        await restartSweepConsumer(this.manager, sweepId);
      },
      backlog: () => this.connection.persistently('reports', () => this.#backlog(sweepId)),
    });
    await this.connection.persistently('reports', () => groups.start());
    return { ...this.#tracked(groups), caughtUp: () => groups.caughtUp() };
  }

  answerClaims(sweepId: string, answer: (claim: Claim) => ClaimReply): Subscription {
    return this.#tracked(
      answerRequests(this.connection, {
        subject: subjects.claimSubject(sweepId),
        what: `claim of sweep ${sweepId}`,
        schema: claimSchema,
        answer,
      }),
    );
  }

  answerControl(sweepId: string, answer: (request: ControlRequest) => Promise<ControlReply>): Subscription {
    return this.#tracked(
      answerRequests(this.connection, {
        subject: subjects.controlSubject(sweepId),
        what: `request about sweep ${sweepId}`,
        schema: controlRequestSchema,
        answer,
      }),
    );
  }

  async requestControl(sweepId: string, request: ControlRequest): Promise<ControlReply | undefined> {
    const what = `request about sweep ${sweepId}`;
    return await requestIfThere(
      this.connection,
      { subject: subjects.controlSubject(sweepId), what, schema: controlReplySchema },
      request,
    );
  }

  answerSubmissions(answer: (request: SubmitRequest) => Promise<SubmitReply>): Subscription {
    return this.#tracked(
      answerRequests(this.connection, {
        subject: subjects.submitSubject,
        what: 'submission of a sweep',
        schema: submitRequestSchema,
        answer,
      }),
    );
  }

  async submit(request: SubmitRequest): Promise<SubmitReply | undefined> {
    const what = 'submission of a sweep';
    return await requestIfThere(
      this.connection,
      { subject: subjects.submitSubject, what, schema: submitReplySchema },
      request,
    );
  }

  async watchFleet(
    onChange: (workerId: string, state: WorkerState | undefined) => void,
  ): Promise<Subscription> {
    const watch = new FleetWatch(this.connection, this.manager, this.timings.fleetTtl, onChange);
    try {
      await this.connection.persistently('fleet', () => watch.readPresent());
    } catch (error) {
      await watch.stop();
      throw error;
    }
    return this.#tracked(watch);
  }

  async sendCommand(workerId: string, command: Command): Promise<CommandReply> {
    const payload = encodeMessage(`command for ${workerId}`, command);
    try {
      const reply = await this.connection.nats.request(subjects.commandSubject(workerId), payload, {
        timeout: commandTimeout,
      });
      return decodeMessage(`answer of worker ${workerId}`, commandReplySchema, reply.data);
    } catch (error) {
      if (error instanceof NatsError) throw new WorkerUnreachableError(workerId, { cause: error });
      throw error;
    }
  }

  async acquireLease(
    sweepId: string,
    holder: string,
    isGone?: (holder: string) => boolean,
  ): Promise<Lease | undefined> {
    const ttl = this.timings.leaseTtl;
    try {
      return await acquireLease(this.connection, this.leases, {
        ...{ sweepId, holder, ttl },
        ...(isGone ? { isGone } : {}),
      });
    } catch (error) {
      // Where the bucket is not there, it is made anew after the reconnection.
      if (!(error instanceof NatsError)) throw error;
      throw new AwayError(`no answer about the lease of ${sweepId}: ${error.message}`, { cause: error });
    }
  }

  async leaseHolder(sweepId: string): Promise<string | undefined> {
    return await leaseHolder(this.leases, sweepId);
  }

  async checkpoints(sweepId: string): Promise<number[]> {
    return await this.#checkpoints.numbers(sweepId);
  }

  async dropCheckpoints(sweepId: string, numbers: readonly number[]): Promise<void> {
    await this.#checkpoints.drop(sweepId, numbers);
  }

  async restartDelivery(pool: string): Promise<void> {
    await this.connection.persistently('delivery', () =>
      ensurePoolConsumer(this.manager, pool, this.timings, true),
    );
  }

  async withdrawAssignments(sweepId: string): Promise<void> {
    const filter = subjects.assignmentSubject('*', sweepId);
    await this.connection.persistently('withdrawing assignments', () =>
      purgeSubjects(this.manager, subjects.assignmentsStream, filter),
    );
  }

  async #backlog(sweepId: string): Promise<Backlog> {
    const { state } = await this.manager.streams.info(subjects.reportsStream);
    const pending = await this.#pendingReports(sweepId);
    return { pending, newest: state.last_seq };
  }

  async #pendingReports(sweepId: string): Promise<number> {
    try {
      const consumer = subjects.sweepConsumer(sweepId);
      const info = await this.manager.consumers.info(subjects.reportsStream, consumer);
      return info.num_pending + info.num_ack_pending;
    } catch (error) {
      if (!isApiError(error, ApiErrorCode.ConsumerNotFound)) throw error;
      // The consumer is just being made anew.
      return await this.#count(subjects.reportsStream, subjects.sweepReports(sweepId));
    }
  }

  async forgetReports(sweepId: string): Promise<void> {
    try {
      await this.manager.consumers.delete(subjects.reportsStream, subjects.sweepConsumer(sweepId));
    } catch (error) {
      if (!isApiError(error, ApiErrorCode.ConsumerNotFound)) throw error;
    }
    this.#done.add(sweepId);
    await dropReports(this.manager, this.#done);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    this.#publisher.close();
    await this.connection.close();
  }

  /** Creates what is missing: a nats-server that comes back may have lost its files. */
  async #repair(): Promise<void> {
    await this.connection.persistently('streams', async () => {
      await ensureStreams(this.manager, this.timings, this.replicas);
      for (const pool of this.#pools) await ensurePoolConsumer(this.manager, pool, this.timings);
    });
  }

  async #count(stream: string, filter: string): Promise<number> {
    const info = await this.manager.streams.info(stream, { subjects_filter: filter });
    return Object.values(info.state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  }

  #tracked(subscription: Subscription): Subscription {
    const tracked = {
      stop: async () => {
        this.#subscriptions.delete(tracked);
        await subscription.stop();
      },
    };
    this.#subscriptions.add(tracked);
    return tracked;
  }
}
