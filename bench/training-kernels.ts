import '@tensorflow/tfjs-backend-wasm';
import type { Kernels } from '../src/worker/training/kernels/recurrent.js';
import { gru, lstm, useKernels } from '../src/worker/training/kernels/recurrent.js';
import * as tf from '../src/worker/training/tfjs.js';
import { messageOf } from '../src/support/errors.js';
import type { Benchmark, BenchmarkRow } from './benchmark.js';
import { median, row } from './benchmark.js';

/**
 * The recurrent layers of two published models (reference/architectures.md), forward and backward with the gradient
 * of their input, on one core: what a training step spends outside of them is not counted.
 */
interface Workload {
  readonly what: string;
  readonly batch: number;
  /** Batch that the op-by-op reference can hold in the memory of the wasm backend. */
  readonly referenceBatch: number;
  readonly inputs: number;
  readonly units: number;
  readonly gates: number;
  readonly layers: number;
  run(x: tf.Tensor4D, ...weights: tf.Tensor[]): tf.Tensor;
}

const STEPS = 128;

const workloads: readonly Workload[] = [
  {
    what: 'LSTM(32) twice, 128 steps (model 2)',
    batch: 1500,
    referenceBatch: 200,
    inputs: 32,
    units: 32,
    gates: 4,
    layers: 2,
    run: (x, ...weights) => {
      const [k1, u1, b1, k2, u2, b2] = weights as Weights<6>;
      const h = lstm(x, k1, u1, b1, { returnSequences: true });
      return lstm(h, k2, u2, b2, { returnSequences: false });
    },
  },
  {
    what: 'GRU(16), 128 steps (model 1)',
    batch: 2000,
    referenceBatch: 1000,
    inputs: 16,
    units: 16,
    gates: 3,
    layers: 1,
    run: (x, ...weights) => {
      const [k, u, b] = weights as Weights<3>;
      return gru(x, k, u, b, { form: 'reset-before', activation: 'relu', returnSequences: false });
    },
  },
];

type Weights<N extends 3 | 6> = N extends 3
  ? [tf.Tensor3D, tf.Tensor3D, tf.Tensor2D]
  : [tf.Tensor3D, tf.Tensor3D, tf.Tensor2D, tf.Tensor3D, tf.Tensor3D, tf.Tensor2D];

/** Per second of processor time, so that what else runs on the machine counts little. */
function samplesPerSecond(load: Workload, batch: number): number {
  const { inputs, units, gates, layers } = load;
  const x = tf.randomUniform([1, STEPS, batch, inputs], -1, 1);
  const weights = Array.from({ length: layers }, (_, layer) => [
    tf.randomUniform([1, layer === 0 ? inputs : units, gates * units], -0.2, 0.2),
    tf.randomUniform([1, units, gates * units], -0.2, 0.2),
    tf.randomUniform([1, gates * units], -0.2, 0.2),
  ]).flat();
  const gradients = tf.grads((input, ...rest) => tf.sum(load.run(input as tf.Tensor4D, ...rest)));
  const step = (): number => {
    const start = process.cpuUsage();
    tf.dispose(gradients([x, ...weights]));
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  step();
  const seconds = Array.from({ length: 7 }, step);
  tf.dispose([x, weights]);
  return batch / median(seconds);
}

export const trainingKernels: Benchmark = {
  name: 'training-kernels',
  about: 'LSTM and GRU layers, forward and backward, samples a second on one core, by implementation',
  async run(say) {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend does not start');
    const rows: BenchmarkRow[] = [];
    const notes = [
      `Node ${process.version}, ${STEPS} steps; reference: TensorFlow.js operation by operation; per second of processor time`,
    ];
    for (const kernels of ['native', 'wasm', 'reference'] satisfies Kernels[])
      try {
        const { reason } = await useKernels(kernels);
        notes.push(`${kernels}: ${reason}`);
        for (const load of workloads) {
          const batch = kernels === 'reference' ? load.referenceBatch : load.batch;
          say(`${kernels}: ${load.what}`);
          const ours = samplesPerSecond(load, batch);
          rows.push(row({ what: `${load.what}, ${kernels}`, unit: 'samples/s', ours }, 'higher'));
        }
      } catch (error) {
        notes.push(messageOf(error));
      }
    return { benchmark: 'training-kernels', rows, notes };
  },
};
