import { existsSync, readFileSync } from 'node:fs';
import type { SweepRecord, SweepStore } from '../../../src/store/sweep-store.js';
import { fill } from './fill.js';
import { definition } from './sweeps.js';

interface PublishedTrial {
  readonly nhidden: number;
  readonly lr: number;
  readonly batchSize: number;
  readonly accuracy: number;
  readonly memoryBytes: number;
  readonly seconds: number;
}

const file = `${process.env['SWEEPYARD_REFERENCE'] ?? '../shared/reference'}/gru-sweeps.json`;

/** Results that others have published: skip what needs them where they are not there. */
export const hasPublished = existsSync(file);

/** Stores all published trials as one finished sweep. */
export async function storePublished(store: SweepStore): Promise<SweepRecord> {
  const sweeps = JSON.parse(readFileSync(file, 'utf8')) as Record<string, PublishedTrial[]>;
  const trials = Object.entries(sweeps).flatMap(([part, list]) => list.map((trial) => ({ ...trial, part })));
  const sweep = await store.createSweep({
    definition: definition({
      name: 'published-gru',
      fixed: { selectOn: 'test' },
      space: {
        nhidden: { kind: 'int', low: 1, high: 25, step: 1, log: false },
        lr: { kind: 'float', low: 1e-4, high: 1e-2, log: true },
        batchSize: { kind: 'int', low: 100, high: 4000, step: 100, log: false },
        // Which of the published sweeps it is from: they differ in signals and optimizer.
        part: { kind: 'choice', values: Object.keys(sweeps) },
      },
      search: { sampler: 'random', trials: trials.length, seed: 1, startWith: [] },
    }),
    source: '',
  });
  await fill(
    store,
    sweep.id,
    trials.map(({ nhidden, lr, batchSize, part, accuracy, memoryBytes, seconds }) => ({
      parameters: { nhidden, lr, batchSize, part },
      metrics: { accuracy, memory: memoryBytes, time: seconds },
    })),
  );
  await store.setSweepState(sweep.id, 'completed');
  return sweep;
}
