import type { SweepStore } from '../../src/store/sweep-store.js';
import type { Parameters } from '../../src/sweep/parameter.js';
import { createRandom, type Random } from '../../src/sweep/random.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';

/** A sweep of 8 parameters, as `readDefinition` would make it. */
function definition(trials: number): SweepDefinition {
  return {
    name: 'large',
    trainable: { kind: 'builtin', name: 'har' },
    fixed: {},
    space: {
      nhidden: { kind: 'int', low: 1, high: 64, step: 1, log: false },
      lr: { kind: 'float', low: 1e-4, high: 1e-1, log: true },
      batchSize: { kind: 'int', low: 100, high: 4000, step: 100, log: false },
      optimizer: { kind: 'choice', values: ['rmsprop', 'adam', 'sgd'] },
      layers: { kind: 'ordinal', values: [1, 2, 4] },
      dropout: { kind: 'float', low: 0, high: 0.5, log: false },
      l2: { kind: 'float', low: 1e-8, high: 1e-2, log: true },
      architecture: { kind: 'choice', values: ['gru-two-stage', 'lstm-stacked', 'conv'] },
    },
    constraints: [],
    objectives: { accuracy: 'maximize', memory: 'minimize', time: 'minimize' },
    limits: [],
    search: { sampler: 'random', trials, seed: 1, startWith: [] },
    replicates: 1,
    budget: {},
    trial: { retries: 2 },
    workers: { pool: 'default', pack: 1 },
  };
}

function drawParameters(random: Random): Parameters {
  const logarithmic = (low: number, high: number) => 10 ** (low + (high - low) * random.next());
  const one = <T>(values: readonly T[]) => values[random.below(values.length)] as T;
  return {
    nhidden: 1 + random.below(64),
    lr: logarithmic(-4, -1),
    batchSize: 100 * (1 + random.below(40)),
    optimizer: one(['rmsprop', 'adam', 'sgd']),
    layers: one([1, 2, 4]),
    dropout: random.next() / 2,
    l2: logarithmic(-8, -2),
    architecture: one(['gru-two-stage', 'lstm-stacked', 'conv']),
  };
}

const group = 5_000;
const reports = 3;

/** Writes a finished sweep: four metrics, three reports a trial, 16 workers, three in ten pruned. Returns its id. */
export async function writeLargeSweep(store: SweepStore, count: number): Promise<string> {
  const { id: sweepId } = await store.createSweep({ definition: definition(count), source: '' });
  const random = createRandom(7);
  const begin = Date.now() - count * 100;
  for (let first = 0; first < count; first += group) {
    const trials = Array.from({ length: Math.min(group, count - first) }, (_, index) => ({
      number: first + index,
      configuration: first + index,
      replicate: 0,
      seed: first + index,
      parameters: drawParameters(random),
    }));
    await store.addTrials(sweepId, trials);
    const outcomes = trials.map(({ number, parameters }) => ({
      number,
      attempt: 1,
      startedAt: begin + number * 100,
      finishedAt: begin + number * 100 + 1600 + random.below(1000),
      pruned: random.next() < 0.3,
      metrics: metricsOf(parameters, random),
    }));
    await store.record({
      sweepId,
      started: outcomes.map(({ number, attempt, startedAt }) => ({
        number,
        attempt,
        startedAt,
        workerId: `worker-${number % 16}`,
      })),
      reports: outcomes.flatMap(({ number, attempt, startedAt, metrics }) =>
        Array.from({ length: reports }, (_, index) => ({
          number,
          attempt,
          sequence: index + 1,
          step: index + 1,
          metrics: { loss: 1 / (index + 1), accuracy: (metrics.accuracy * (index + 1)) / reports },
          reportedAt: startedAt + 500 * (index + 1),
        })),
      ),
      results: outcomes.map(({ number, attempt, pruned, metrics, finishedAt }) => ({
        number,
        attempt,
        state: pruned ? 'pruned' : 'completed',
        metrics,
        finishedAt,
        ...(pruned && { reason: 'asha: rank 7 of 9 at rung 9' }),
      })),
    });
  }
  await store.setSweepState(sweepId, 'completed');
  return sweepId;
}

function metricsOf(parameters: Parameters, random: Random) {
  const number = (name: string) => Number(parameters[name]);
  const [nhidden, layers] = [number('nhidden'), number('layers')];
  const bowl = 0.05 * (Math.log10(number('lr')) + 2.5) ** 2;
  return {
    accuracy: 0.9 - bowl - 0.2 / nhidden - 0.05 * number('dropout') + 0.02 * random.normal(),
    memory: 12 * nhidden * nhidden * layers,
    time: 10 + ((nhidden * layers * 3) / Math.sqrt(number('batchSize'))) * (1 + 0.1 * random.normal()),
    loss: random.next(),
  };
}
