import type { SweepRecord, SweepStore } from '../../../src/store/sweep-store.js';
import { definition } from './sweeps.js';

const interval = 4;
const begin = Date.now() - 600_000;
/** Each trial's member, and the trial that it goes on from: in the second generation member 1 copies member 0. */
const trials = [
  { member: 0 },
  { member: 1 },
  { member: 0, from: 0 },
  { member: 1, from: 0 },
  { member: 0, from: 2 },
  { member: 1, from: 3 },
] as const;

/** A population of two after three intervals of four steps. */
export async function storePopulation(store: SweepStore): Promise<SweepRecord> {
  const sweep = await store.createSweep({
    definition: definition({
      name: 'population',
      search: {
        ...{ sampler: 'pbt', seed: 1, startWith: [] },
        pbt: {
          ...{ population: 2, steps: 3 * interval, interval },
          ...{ quantile: 0.25, perturb: [0.8, 1.25], resample: 0.25, keep: [] },
        },
      },
    }),
    source: '',
  });
  const entries = trials.map((trial, number) => {
    const generation = Math.floor(number / 2);
    const parameters = { nhidden: 8, lr: 0.001 * (number + 1), optimizer: 'adam' };
    const first = generation * interval + 1;
    const reports = Array.from({ length: interval }, (_, index) => ({
      ...{ number, attempt: 1, sequence: index + 1, step: first + index },
      metrics: { accuracy: 0.9 - 0.5 / (first + index) - 0.01 * trial.member, memory: 2000 },
      reportedAt: begin + 60_000 * generation + 1000 * index,
    }));
    const origin = { pbt: { ...trial, generation, ...(generation < 2 && { until: first + interval - 1 }) } };
    return { number, generation, parameters, reports, origin };
  });
  await store.addTrials(
    sweep.id,
    entries.map(({ number, parameters, origin }) => ({
      ...{ number, configuration: number, replicate: 0, seed: number, parameters, origin },
    })),
  );
  await store.record({
    sweepId: sweep.id,
    started: entries.map(({ number, generation }) => ({
      ...{ number, attempt: 1, workerId: 'worker-a', startedAt: begin + 60_000 * generation },
    })),
    reports: entries.flatMap(({ reports }) => reports),
    results: entries.map(({ number, generation }) => ({
      ...{ number, attempt: 1, state: 'completed', metrics: {} },
      finishedAt: begin + 60_000 * generation + 30_000,
    })),
  });
  await store.setSweepState(sweep.id, 'completed');
  return sweep;
}
