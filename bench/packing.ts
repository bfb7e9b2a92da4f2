import { generateSyntheticHar } from '../src/worker/datasets/synthetic-har.js';

import { prepareTrainingData } from '../src/worker/datasets/training-data.js';
import { architectureOf } from '../src/worker/trainables/har-architecture.js';
import { harParameters, signalNames, type HarParameters } from '../src/sweep/har/parameters.js';
import { backends, openBackend } from '../src/worker/training/backends/open-backend.js';
import { measurePackSpeed } from '../src/worker/training/pack-speed.js';
import { messageOf } from '../src/support/errors.js';
import type { Benchmark, BenchmarkRow } from './benchmark.js';
import { row } from './benchmark.js';
import { sweepRate, sweepTrials } from './packing/whole-sweep.js';

const batches = [20, 100, 800];
const sizes = [1, 2, 4, 8, 16, 32];
/** Windows in all members' batches together, above which memory is the question and not speed. */
const mostWindows = 6_400;
const milliseconds = 250;

const models: readonly { readonly what: string; readonly parameters: Record<string, unknown> }[] = [
  { what: 'GRU(16), model 1', parameters: { architecture: 'gru-two-stage', signals: ['total_acc'] } },
  { what: 'LSTM(32) twice, model 2', parameters: { architecture: 'lstm-stacked' } },
];

export const packing: Benchmark = {
  name: 'packing',
  about: 'samples a second of all trials of a pack together, by its size, in one thread',
  flags: { backends: 'comma-separated names (default: all that work here)' },
  async run(say, flags) {
    const wanted = flags['backends']?.split(',') ?? backends.map(({ name }) => name);
    const rows: BenchmarkRow[] = [];
    const notes = [
      `Node ${process.version}; peer: the same trials one after the other (K = 1); wasm: per second of processor time`,
    ];
    for (const name of wanted) {
      try {
        const backend = await openBackend({ backend: name, kernels: 'auto' });
        notes.push(`${name}: ${backend.device}`);
        for (const { what, parameters } of models)
          for (const batchSize of batches) {
            let alone: number | undefined;
            for (const size of sizes.filter((size) => size * batchSize <= mostWindows)) {
              const given = harParameters.parse({ dataset: 'synthetic-har', ...parameters, batchSize });
              const { samplesPerSecond } = await speedOf(given, size, backend);
              say(`${name}, ${what}, batch ${batchSize}, K ${size}: ${Math.round(samplesPerSecond)}`);
              const figures = {
                what: `${what}, batch ${batchSize}, K = ${size}, ${name}`,
                unit: 'samples/s',
              };
              rows.push(row({ ...figures, ours: samplesPerSecond, peer: alone }, 'higher'));
              alone ??= samplesPerSecond;
            }
          }
      } catch (error) {
        notes.push(`${name}: not measured: ${messageOf(error)}`);
      }
    }
    say(`a sweep of ${sweepTrials} trials, pack off`);
    const off = await sweepRate('off');
    say(`${off.toFixed(2)} trials/s; the same, pack auto`);
    const auto = await sweepRate('auto');
    const what = `a sweep of ${sweepTrials} trials of model 1, batch 20, whole machine: pack auto; peer: pack off`;
    rows.push(row({ what, unit: 'trials/s', ours: auto, peer: off }, 'higher'));
    return { benchmark: 'packing', rows, notes };
  },
};

const whole = generateSyntheticHar();

/** Milliseconds: what else runs on the machine counts little. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function speedOf(
  parameters: HarParameters,
  size: number,
  backend: Awaited<ReturnType<typeof openBackend>>,
): ReturnType<typeof measurePackSpeed> {
  const { signals, alignment, selectOn, splitSeed } = parameters;
  const data = prepareTrainingData(whole, {
    signals: signals ?? signalNames,
    alignment,
    selectOn,
    splitSeed,
  });
  const settings = { learningRate: parameters.lr, l2: parameters.l2 };
  const options = { ...parameters, evaluateEvery: 1 };
  const architecture = architectureOf(parameters, data);
  const clock = backend.name === 'wasm' ? processorTime : undefined;
  return await measurePackSpeed(architecture, data, settings, options, size, backend, milliseconds, clock);
}
