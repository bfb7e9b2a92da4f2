import { setTimeout } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  NatsError,
  RetentionPolicy,
  StorageType,
  nanos,
} from 'nats';
import type { ConsumerConfig, JetStreamManager, StreamConfig } from 'nats';
import { EnvironmentError } from '../support/errors.js';
import type { BusTimings } from './timings.js';
import * as subjects from './subjects.js';

/** A message may have so many bytes: nats-server's own default limit less room for headers. */
export const maxMessageBytes = 1_000_000;

/**
 * How long a stream knows a message id again. Long enough for a nats-server that is killed and started again; no
 * longer, for the server keeps every id of this time in memory.
 */
const duplicateWindow = 5 * 60_000;
/** Tries to create a stream while another one has its subjects: within a second. */
const overlapTries = 4;
const reportsMaxAge = 30 * 24 * 3_600_000;

type NamedConfig = Partial<StreamConfig> & { readonly name: string };

function streamConfigs(timings: BusTimings, replicas: number | undefined): NamedConfig[] {
  const bucket = (name: string, ttl: number): NamedConfig => ({
    name: subjects.bucketStream(name),
    subjects: [subjects.keySubject(name, '>')],
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    max_age: nanos(ttl),
    allow_rollup_hdrs: true,
    allow_direct: true,
    discard: DiscardPolicy.New,
  });
  const configs: NamedConfig[] = [
    {
      name: subjects.assignmentsStream,
      subjects: ['assign.*.*'],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      duplicate_window: nanos(duplicateWindow),
      // A full disk must be an error for who publishes, not a loss of what is queued.
      discard: DiscardPolicy.New,
    },
    {
      name: subjects.reportsStream,
      subjects: ['report.*.*'],
      // Kept after they were read: a consumer that is lost starts anew and misses nothing. The runner purges them.
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      duplicate_window: nanos(duplicateWindow),
      max_age: nanos(reportsMaxAge),
      discard: DiscardPolicy.New,
    },
    bucket(subjects.fleetBucket, timings.fleetTtl),
    bucket(subjects.leaseBucket, timings.leaseTtl),
    {
      name: subjects.objectStream(subjects.checkpointsStore),
      subjects: [
        subjects.objectChunks(subjects.checkpointsStore, '>'),
        subjects.objectNames(subjects.checkpointsStore, '>'),
      ],
      storage: StorageType.File,
      allow_rollup_hdrs: true,
      allow_direct: true,
      discard: DiscardPolicy.New,
      // What a sweep leaves behind that nobody ever goes on with.
      max_age: nanos(reportsMaxAge),
    },
  ];
  return replicas === undefined ? configs : configs.map((config) => ({ ...config, num_replicas: replicas }));
}

/**
 * Creates what is missing and updates what differs. Only coordinators do; it may be repeated at any time.
 * @param replicas servers of the cluster that keep each stream and bucket. Absent: as many as now, one of what is new
 */
export async function ensureStreams(
  manager: JetStreamManager,
  timings: BusTimings,
  replicas?: number,
): Promise<void> {
  for (const config of streamConfigs(timings, replicas)) await ensureStream(manager, config);
}

async function ensureStream(manager: JetStreamManager, config: NamedConfig): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await manager.streams.add(config);
      return;
    } catch (error) {
      if (isApiError(error, ApiErrorCode.StreamNameInUse))
        return void (await manager.streams.update(config.name, config));
      if (!isApiError(error, ApiErrorCode.SubjectsOverlap)) throw error;
      if (failures === overlapTries)
        throw new EnvironmentError(
          `nats-server has a stream that is not Sweepyard's, with subjects of ${config.name} (${config.subjects?.join(', ')}): give it another name there, or use another server or account`,
          { cause: error },
        );
      // Another coordinator is just creating it: by its subjects it is there already, by its name not yet.
      await setTimeout(50 * 2 ** failures);
    }
  }
}

/**
 * The consumer that the workers of a pool share: each message goes to one of them, until someone acknowledges it. It is
 * made anew where it counts further than its stream does, or where the caller knows that it delivers nothing: then
 * everything that is in the stream is delivered (again).
 */
export async function ensurePoolConsumer(
  manager: JetStreamManager,
  pool: string,
  timings: BusTimings,
  anew = false,
): Promise<void> {
  const name = subjects.poolConsumer(pool);
  if (anew || (await isAheadOfStream(manager, subjects.assignmentsStream, name))) {
    await manager.consumers.delete(subjects.assignmentsStream, name).catch((error: unknown) => {
      if (!isApiError(error, ApiErrorCode.ConsumerNotFound)) throw error;
    });
  }
  await manager.consumers.add(subjects.assignmentsStream, {
    ...durable(name, subjects.poolSubjects(pool)),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(timings.ackWait),
  });
}

/**
 * A nats-server that is killed while a stream is empty forgets how far it had counted, and counts from 1 again; its
 * consumers remember, and take everything up to there for delivered (seen with 2.9.10).
 */
async function isAheadOfStream(
  manager: JetStreamManager,
  stream: string,
  consumer: string,
): Promise<boolean> {
  try {
    const { delivered } = await manager.consumers.info(stream, consumer);
    const { state } = await manager.streams.info(stream);
    return delivered.stream_seq > state.last_seq;
  } catch (error) {
    if (!isApiError(error, ApiErrorCode.ConsumerNotFound)) throw error;
    return false;
  }
}

/**
 * Makes the consumer of one sweep's reports anew, going on after the last report that was acknowledged. Acknowledging
 * one message acknowledges all before it, which holds only while no message is lost between server and client: so
 * whoever begins to read, and whoever lost the connection, starts here. Nothing waits for an acknowledgement to time
 * out either.
 */
export async function restartSweepConsumer(manager: JetStreamManager, sweepId: string): Promise<void> {
  const name = subjects.sweepConsumer(sweepId);
  let acknowledged = 0;
  try {
    const info = await manager.consumers.info(subjects.reportsStream, name);
    acknowledged = info.ack_floor.stream_seq;
    await manager.consumers.delete(subjects.reportsStream, name);
  } catch (error) {
    if (!isApiError(error, ApiErrorCode.ConsumerNotFound)) throw error;
  }
  await manager.consumers.add(subjects.reportsStream, {
    ...durable(name, subjects.sweepReports(sweepId)),
    ack_policy: AckPolicy.All,
    ack_wait: nanos(reportsMaxAge),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: acknowledged + 1,
  });
}

/**
 * Drops what the stream holds before the first report of a sweep that is not done. A purge by subject would take half a
 * millisecond a message, and hold nats-server up so long (seen with 2.9.10: 27 s for 50,000).
 */
export async function dropReports(manager: JetStreamManager, done: ReadonlySet<string>): Promise<void> {
  const { streams } = manager;
  const { state } = await streams.info(subjects.reportsStream, { subjects_filter: '>' });
  const sweeps = new Set(Object.keys(state.subjects ?? {}).map(subjects.sweepOfReports));
  let first = state.last_seq + 1;
  for (const sweepId of sweeps) {
    if (done.has(sweepId)) continue;
    const query = { seq: state.first_seq, next_by_subj: subjects.sweepReports(sweepId) };
    first = Math.min(first, (await streams.getMessage(subjects.reportsStream, query)).seq);
  }
  await streams.purge(subjects.reportsStream, { seq: first });
}

/**
 * Deletes the messages of some subjects. nats-server 2.9.10 loses sight of the last message of a subject when those that
 * came after it were acknowledged out of order: it counts it, and neither delivers nor purges it. Asked for the next
 * message of that very subject it finds it, and by its number it can be deleted.
 */
export async function purgeSubjects(
  manager: JetStreamManager,
  stream: string,
  filter: string,
): Promise<void> {
  const { streams } = manager;
  await streams.purge(stream, { filter });
  const { state } = await streams.info(stream, { subjects_filter: filter });
  for (const subject of Object.keys(state.subjects ?? {})) {
    for (let seq = state.first_seq; ;) {
      const left = await nextOf(manager, stream, subject, seq);
      if (left === undefined || left > state.last_seq) break;
      await streams.deleteMessage(stream, left, false);
      seq = left + 1;
    }
  }
}

/** The number of a subject's next message from there on. */
async function nextOf(
  manager: JetStreamManager,
  stream: string,
  subject: string,
  from: number,
): Promise<number | undefined> {
  try {
    const query = { seq: from, next_by_subj: subject };
    return (await manager.streams.getMessage(stream, query)).seq;
  } catch (error) {
    if (isApiError(error, ApiErrorCode.NoMessage)) return undefined;
    throw error;
  }
}

function durable(name: string, filter: string): Partial<ConsumerConfig> {
  return {
    durable_name: name,
    filter_subject: filter,
    max_deliver: -1,
    max_ack_pending: -1,
    // One waiting request for each free slot of the pool: nats-server's default of 512 is a small fleet.
    max_waiting: 16_384,
  };
}

/** JetStream's own numbers, where an answer depends on which error it is. */
export const ApiErrorCode = {
  /** Of a cluster: it has no leader yet. */
  TemporarilyUnavailable: 10008,
  SubjectsOverlap: 10065,
  StreamNameInUse: 10058,
  StreamNotFound: 10059,
  ConsumerNotFound: 10014,
  NoMessage: 10037,
  WrongLastSequence: 10071,
  MessageTooLarge: 10054,
} as const;
export type ApiErrorCode = (typeof ApiErrorCode)[keyof typeof ApiErrorCode];

export function isApiError(error: unknown, code: ApiErrorCode): boolean {
  return error instanceof NatsError && error.api_error?.err_code === code;
}
