import type { JsonObject } from '../../src/sweep/json.js';
import type { TrainableReference } from '../../src/sweep/sweep-definition.js';
import type { Failure, Metrics } from '../../src/sweep/trial.js';
import type { MemberEnd } from '../../src/worker/threads/protocol.js';
import type { RunningTask, ThreadPool } from '../../src/worker/threads/thread-pool.js';

export interface TaskOutcome {
  /** By trial number. */
  readonly ends: Map<number, MemberEnd>;
  readonly reports: { number: number; step: number; metrics: Metrics }[];
  readonly log: string[];
  readonly died: Failure | undefined;
}

export interface TestTask extends RunningTask {
  readonly finished: Promise<TaskOutcome>;
  /** Resolves at the first report or line of the log. */
  readonly sign: Promise<void>;
}

/** Trains a pack in a thread of the pool: a member for each of the parameters, numbered from 0. */
export function startTask(
  pool: ThreadPool,
  trainable: TrainableReference,
  parameters: readonly JsonObject[] = [{}],
  options: { sweepId?: string } = {},
): TestTask {
  const ends = new Map<number, MemberEnd>();
  const reports: TaskOutcome['reports'] = [];
  const log: string[] = [];
  let seen = (): void => undefined;
  let finish: (outcome: TaskOutcome) => void = () => undefined;
  const sign = new Promise<void>((resolve) => (seen = resolve));
  const finished = new Promise<TaskOutcome>((resolve) => (finish = resolve));
  const members = parameters.map((one, number) => ({ number, parameters: one as never, seed: 100 + number }));
  const task = pool.start(
    { sweepId: options.sweepId ?? 'sweep', trainable, members, watchMemory: false },
    {
      onReport: ({ number, step, metrics }) => {
        reports.push({ number, step, metrics });
        seen();
      },
      onCheckpoint: () => undefined,
      onEnded: ({ number, end }) => ends.set(number, end),
      onLog: (text) => {
        log.push(text);
        seen();
      },
      onMemory: () => undefined,
      onPackSize: () => undefined,
      onExit: (died) => finish({ ends, reports, log, died }),
    },
  );
  return Object.assign(task, { finished, sign });
}

/** Trains one member and gives its end. */
export async function trainOne(
  pool: ThreadPool,
  trainable: TrainableReference,
  parameters: JsonObject = {},
  options: { sweepId?: string } = {},
): Promise<MemberEnd | undefined> {
  const { ends } = await startTask(pool, trainable, [parameters], options).finished;
  return ends.get(0);
}
