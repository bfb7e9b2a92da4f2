import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { JetStreamManager, ObjectInfo, ObjectResult, ObjectStore } from 'nats';
import { z } from 'zod';
import { trialId, type Metrics, type TrialKey } from '../sweep/trial.js';
import { within, type BusConnection } from './connection.js';
import * as subjects from './subjects.js';

/** What a trial needs to go on where it was saved. */
export interface Checkpoint {
  /** The last step that is in it: the next report is of a later one. */
  readonly step: number;
  /** The trainable's own. */
  readonly state: Uint8Array;
  /** The trial's metrics as they were then. */
  readonly metrics: Metrics;
  /** Which attempt has saved it. */
  readonly attempt: number;
}

/** Bytes of one trial's checkpoint. Only the newest of a trial is kept, and none after its result. */
export const mostCheckpointBytes = 256 * 1024 * 1024;

const partBytes = 512 * 1024;
/** Milliseconds for each part of a checkpoint to be stored. */
const partTimeout = 30_000;
/** How often a checkpoint that is replaced while it is read is tried again. */
const mostTries = 5;
/** Milliseconds, and bytes a millisecond, after which reading has failed. */
const [readPatience, slowestRead] = [3_000, 5_000] as const;
/** Reading that takes longer than so many milliseconds may wait for parts that were replaced, and asks. */
const askAfter = 200;

const described = z.object({
  step: z.coerce.number(),
  attempt: z.coerce.number().int().positive(),
  metrics: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(z.record(z.string(), z.number())),
});

/** A worker's side of the object store `checkpoints`: one object a trial, replaced as a whole. */
export class CheckpointStore {
  #store: Promise<ObjectStore> | undefined;

  constructor(private readonly connection: BusConnection) {}

  /** Readers have the checkpoint before until this one is whole. */
  async save(trial: TrialKey, { step, state, metrics, attempt }: Checkpoint): Promise<void> {
    const metadata = { step: String(step), attempt: String(attempt), metrics: JSON.stringify(metrics) };
    const store = await this.#opened();
    await store.put({ name: trialId(trial), metadata }, inParts(state), { timeout: partTimeout });
  }

  /** The newest one that is whole; undefined where there is none, or one that can't be read. */
  async load(trial: TrialKey): Promise<Checkpoint | undefined> {
    const store = await this.#opened();
    for (let tries = 0; tries < mostTries; tries++) {
      const found = await store.get(trialId(trial));
      if (!found) return undefined;
      const said = described.safeParse(found.info.metadata);
      if (!said.success) return undefined;
      const isCurrent = async (): Promise<boolean> =>
        (await store.info(trialId(trial)))?.nuid === found.info.nuid;
      const state = await wholeOf(found, isCurrent);
      if (state) return { ...said.data, state };
      // It was replaced while it was read: an attempt that was given up may still save.
    }
    return undefined;
  }

  async #opened(): Promise<ObjectStore> {
    this.#store ??= this.connection.nats.jetstream().views.os(subjects.checkpointsStore);
    this.#store.catch(() => (this.#store = undefined));
    return await this.#store;
  }
}

/** What is in an object; undefined where its parts were taken away before all were read. */
async function wholeOf(
  { info, data, error }: ObjectResult,
  isCurrent: () => Promise<boolean>,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  const reader = data.getReader();
  const read = async (): Promise<boolean> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
    return !(await error);
  };
  const reading = read().catch(() => false);
  const deadline = Date.now() + readPatience + info.size / slowestRead;
  // Nobody says that no more parts will come.
  try {
    do {
      if (await within(askAfter, reading))
        return (await reading) ? new Uint8Array(Buffer.concat(parts)) : undefined;
    } while (Date.now() < deadline && (await isCurrent()));
    return undefined;
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Each part is hashed and sent in a turn of the event loop of its own: commands are heard between them. */
function inParts(state: Uint8Array): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      await setImmediate();
      if (sent === state.length) return controller.close();
      controller.enqueue(state.subarray(sent, sent + partBytes));
      sent = Math.min(state.length, sent + partBytes);
    },
  });
}

/** The coordinator's side: which trials have one, and their end. */
export class CheckpointKeeper {
  constructor(
    private readonly connection: BusConnection,
    private readonly manager: JetStreamManager,
  ) {}

  /** The numbers of the sweep's trials that have a checkpoint. */
  async numbers(sweepId: string): Promise<number[]> {
    const all = subjects.objectNames(subjects.checkpointsStore, '>');
    const info = await this.manager.streams.info(this.#stream, { subjects_filter: all });
    const prefix = trialId({ sweepId, number: 0 }).slice(0, -1);
    return Object.keys(info.state.subjects ?? {}).flatMap((subject) => {
      const name = Buffer.from(subject.split('.').at(-1) ?? '', 'base64url').toString();
      const number = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : NaN;
      return Number.isInteger(number) ? [number] : [];
    });
  }

  /** Drops these trials' checkpoints, without a trace. */
  async drop(sweepId: string, numbers: readonly number[]): Promise<void> {
    const store = await this.connection.nats.jetstream().views.os(subjects.checkpointsStore);
    for (const number of numbers) {
      const name = trialId({ sweepId, number });
      const info: ObjectInfo | null = await store.info(name);
      if (!info) continue;
      await this.#purge(subjects.objectNames(subjects.checkpointsStore, encoded(name)));
      await this.#purge(subjects.objectChunks(subjects.checkpointsStore, info.nuid));
    }
  }

  get #stream(): string {
    return subjects.objectStream(subjects.checkpointsStore);
  }

  async #purge(filter: string): Promise<void> {
    await this.manager.streams.purge(this.#stream, { filter });
  }
}

/** As the client library writes names into subjects: base64url with padding. */
function encoded(name: string): string {
  return Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
