import fc from 'fast-check';
import type { RecordBatch } from '../../../src/store/sweep-store.js';

type Batch = Omit<RecordBatch, 'sweepId' | 'amendments'>;

/** One thing that may be said of a trial, whether it fits or not. */
export interface AnyEvent {
  readonly number: number;
  readonly attempt: number;
  readonly batch: Batch;
}

const metrics = fc.dictionary(
  fc.constantFrom('accuracy', 'time', 'loss'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  {
    maxKeys: 3,
  },
);

/** Events of trials `0 .. trials - 1`, of attempts 0 to 3, in any state. */
export function anyEvent(trials: number): fc.Arbitrary<AnyEvent> {
  return fc
    .record({
      number: fc.nat(trials - 1),
      attempt: fc.nat(3),
      kind: fc.constantFrom(
        'started',
        'started',
        'report',
        'completed',
        'pruned',
        'failed',
        'cancelled',
        'paused',
        'requeued',
        'log',
      ),
      sequence: fc.integer({ min: 1, max: 4 }),
      metrics,
      at: fc.integer({ min: 1000, max: 2000 }),
    })
    .map(({ number, attempt, kind, sequence, metrics, at }) => ({
      number,
      attempt,
      batch: batchOf(number, attempt, kind, sequence, metrics, at),
    }));
}

function batchOf(
  number: number,
  attempt: number,
  kind:
    'started' | 'report' | 'completed' | 'pruned' | 'failed' | 'cancelled' | 'paused' | 'requeued' | 'log',
  sequence: number,
  metrics: Record<string, number>,
  at: number,
): Batch {
  switch (kind) {
    case 'started':
      return {
        started: [
          {
            ...{ number, attempt, workerId: `worker-${at % 3}`, startedAt: at },
            ...(at % 2 === 0 && { pack: [number, number + 1] }),
          },
        ],
      };
    case 'log':
      return { logs: [{ number, attempt, sequence, lines: [`line ${at}`], loggedAt: at }] };
    case 'report':
      return { reports: [{ number, attempt, sequence, step: sequence / 4, metrics, reportedAt: at }] };
    case 'paused':
      return { paused: [{ number, attempt, reason: 'rank 2', finishedAt: at }] };
    case 'requeued':
      return { requeued: [{ number, attempt, finishedAt: at }] };
    default:
      return { results: [{ number, attempt, state: kind, metrics, finishedAt: at }] };
  }
}
