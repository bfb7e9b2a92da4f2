import type { RecordBatch, SweepRecord, SweepStore } from '../../../src/store/sweep-store.js';
import { createRandom } from '../../../src/sweep/random.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { definition } from './sweeps.js';

const configurations = 30;
const replicates = 2;
const steps = 12;
const begin = Date.now() - 3_600_000;
const workers = ['gpu-01-a', 'gpu-01-b', 'gpu-02-a'];

/**
 * A sweep that has everything a view can show: replicates, learning curves, pruned trials with their reasons, an
 * attempt that was lost with its worker, a failed trial, one that runs, confusion matrices, decisions, workers.
 */
export async function storeRichSweep(
  store: SweepStore,
  changes: Partial<SweepDefinition> = {},
): Promise<SweepRecord> {
  const random = createRandom(11);
  const sweep = await store.createSweep({
    definition: definition({
      name: 'har-gru',
      limits: ['memory <= 9000'],
      replicates,
      search: { sampler: 'random', trials: 80, seed: 1, startWith: [] },
      budget: { pricePerGpuHour: 2.2 },
      ...changes,
    }),
    source: '',
  });
  const batch: Required<
    Pick<RecordBatch, 'sweepId' | 'started' | 'reports' | 'results' | 'requeued' | 'logs' | 'decisions'>
  > = {
    sweepId: sweep.id,
    started: [],
    reports: [],
    results: [],
    requeued: [],
    logs: [],
    decisions: [
      {
        sweepId: sweep.id,
        action: 'search',
        reason: 'auto: random, the space has no grid',
        decidedAt: begin,
      },
    ],
  };
  const add = <K extends 'started' | 'reports' | 'results' | 'requeued' | 'logs' | 'decisions'>(
    kind: K,
    item: (typeof batch)[K][number],
  ) => (batch[kind] as (typeof item)[]).push(item);
  const newTrials: Parameters<SweepStore['addTrials']>[1][number][] = [];
  let clock = begin;
  for (let configuration = 0; configuration < configurations; configuration++) {
    const nhidden = 1 + random.below(25);
    const parameters = {
      nhidden,
      lr: 5e-4 * 10 ** random.next(),
      optimizer: random.below(2) ? 'adam' : 'rmsprop',
    };
    const level = 0.93 - 0.3 / nhidden - 0.04 * Math.abs(Math.log(parameters.lr / 0.002));
    for (let replicate = 0; replicate < replicates; replicate++) {
      const number = configuration * replicates + replicate;
      newTrials.push({ number, configuration, replicate, seed: 1000 + number, parameters });
      const workerId = workers[number % workers.length] ?? '';
      const startedAt = clock + (number % workers.length) * 3_000;
      if (number % workers.length === workers.length - 1) clock += 55_000;
      const final = level + 0.008 * random.normal();
      const pruned = level < 0.84 && configuration % 3 !== 0;
      const ends = pruned ? 4 : steps;
      const attempt = number === 7 ? 2 : 1;
      if (attempt === 2) {
        add('started', { number, attempt: 1, workerId: 'gpu-03-a', startedAt: startedAt - 20_000 });
        const lines = ['reads uci-har', 'CUDA error: the device is gone'];
        add('logs', { number, attempt: 1, sequence: 1, lines, loggedAt: startedAt - 9_000 });
        add('requeued', {
          number,
          attempt: 1,
          failure: { class: 'lost', message: 'worker gpu-03-a: no sign of life for 30 s' },
          finishedAt: startedAt - 8_000,
        });
        add('decisions', {
          sweepId: sweep.id,
          number,
          action: 'retry',
          reason: 'its worker was lost',
          decidedAt: startedAt - 8_000,
        });
      }
      const pack = [configuration * replicates, configuration * replicates + 1];
      add('started', { number, attempt, workerId, startedAt, ...(attempt === 1 && { pack }) });
      const lines = ['reads uci-har', `stage 2 begins with ${steps} passes`];
      add('logs', { number, attempt, sequence: 1, lines, loggedAt: startedAt + 3_500 });
      const isRunning = number === configurations * replicates - 1;
      for (let step = 1; step <= (isRunning ? 6 : ends); step++) {
        const accuracy = final * (1 - 0.7 * Math.exp(-step / 3)) + 0.004 * random.normal();
        add('reports', {
          number,
          attempt,
          sequence: step,
          step,
          metrics: { accuracy, loss: 1.2 - accuracy },
          reportedAt: startedAt + step * 3_500,
        });
      }
      if (isRunning) continue;
      const finishedAt = startedAt + ends * 3_500 + 900;
      if (number === 20) {
        const failure = { class: 'trial', message: 'loss is NaN at step 12' } as const;
        add('results', { number, attempt, state: 'failed', metrics: {}, failure, finishedAt });
        continue;
      }
      const reason = `asha: rank ${7 + (number % 3)} of 9 at rung 4`;
      if (pruned)
        add('decisions', { sweepId: sweep.id, number, action: 'stop', reason, decidedAt: finishedAt });
      add('results', {
        number,
        attempt,
        state: pruned ? 'pruned' : 'completed',
        metrics: {
          memory: 180 + 20 * nhidden * nhidden,
          time: 12 + nhidden + random.next(),
          ...(!pruned && { accuracy: final }),
        },
        finishedAt,
        ...(pruned && { reason }),
        ...(!pruned && {
          details: { classes: ['walking', 'sitting', 'lying'], confusion: confusion(final) },
        }),
      });
    }
  }
  await store.addTrials(sweep.id, newTrials);
  await store.record(batch);
  await store.addUsage(sweep.id, { seconds: 1500, slotSeconds: 4100 });
  const now = Date.now();
  await store.recordWorkers(
    workers.map((id, index) => ({
      id,
      host: id.slice(0, 6),
      pool: 'default',
      state: 'running',
      slots: 2,
      busy: index === 2 ? 1 : 0,
      backend: 'wasm, native kernels (avx2)',
      device: 'AMD EPYC 7B13',
      memoryBytes: 16e9,
      startedAt: begin,
      seenAt: now,
    })),
  );
  return sweep;
}

function confusion(accuracy: number): number[][] {
  const right = Math.round(200 * accuracy);
  const wrong = 200 - right;
  return [
    [right, wrong, 0],
    [Math.floor(wrong / 2), right, Math.ceil(wrong / 2)],
    [0, wrong, right],
  ];
}
