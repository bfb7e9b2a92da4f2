import type { Parameters } from '../../../src/sweep/parameter.js';
import type { Metrics } from '../../../src/sweep/trial.js';
import type { SweepStore } from '../../../src/store/sweep-store.js';

/** A trial that a test wants stored. */
export interface FilledTrial {
  readonly parameters: Parameters;
  /** Absent: it stays queued. */
  readonly metrics?: Metrics;
  /** @default completed where there are metrics */
  readonly state?: 'queued' | 'running' | 'completed' | 'failed' | 'pruned' | 'cancelled';
  readonly configuration?: number;
  readonly replicate?: number;
}

const begin = Date.now() - 3_600_000;

/** Stores trials as a coordinator would: proposed, claimed, reported, ended. Numbers follow each other from `first`. */
export async function fill(
  store: SweepStore,
  sweepId: string,
  trials: readonly FilledTrial[],
  first = 0,
  workerId = 'worker-a',
): Promise<void> {
  await store.addTrials(
    sweepId,
    trials.map(({ parameters, configuration, replicate }, index) => ({
      number: first + index,
      configuration: configuration ?? first + index,
      replicate: replicate ?? 0,
      seed: 1000 + first + index,
      parameters,
    })),
  );
  const states = trials.map(({ state, metrics }, index) => ({
    number: first + index,
    state: state ?? (metrics ? 'completed' : 'queued'),
    metrics: metrics ?? {},
    at: begin + (first + index) * 10_000,
  }));
  const started = states.filter(({ state }) => state !== 'queued');
  await store.record({
    sweepId,
    started: started.map(({ number, at }) => ({ number, attempt: 1, workerId, startedAt: at })),
    reports: started
      .filter(({ metrics }) => Object.keys(metrics).length > 0)
      .map(({ number, metrics, at }) => ({
        number,
        attempt: 1,
        sequence: 1,
        step: 1,
        metrics,
        reportedAt: at + 4_000,
      })),
    results: states.flatMap(({ number, state, metrics, at }) =>
      state === 'queued' || state === 'running'
        ? []
        : [
            {
              number,
              attempt: 1,
              state,
              metrics: state === 'failed' ? {} : metrics,
              ...(state === 'failed' && {
                failure: { class: 'trial', message: 'loss is NaN at step 3' } as const,
              }),
              ...(state === 'pruned' && { reason: 'asha: rank 7 of 9 at rung 9' }),
              finishedAt: at + 8_000,
            },
          ],
    ),
  });
}

/** Every one of the first `count` trials reports once more: all of them change. */
export async function report(
  store: SweepStore,
  sweepId: string,
  count: number,
  sequence: number,
  metrics: Metrics,
): Promise<void> {
  const reports = Array.from({ length: count }, (_, number) => ({
    number,
    attempt: 1,
    sequence,
    step: sequence,
    metrics,
    reportedAt: Date.now(),
  }));
  await store.record({ sweepId, reports });
}
