/** A thread of the benchmark `training`: trains one model until it is told to stop, and says when each pass ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { createRandom } from '../../src/sweep/random.js';
import { openBackend } from '../../src/worker/training/backends/open-backend.js';
import { trainPack } from '../../src/worker/training/train-pack.js';
import { dataFor, workloads, type WorkloadName } from './workloads.js';

export interface ThreadOrder {
  readonly workload: WorkloadName;
  readonly batch: number;
  readonly kernels: string;
  readonly values: Float32Array;
  readonly seed: number;
}

/** `at`: milliseconds since 1970, with fractions: the same clock in all threads. */
export type ThreadReport =
  | { readonly device: string }
  | { readonly at: number; readonly samples: number }
  | { readonly failed: string };

const { workload: name, batch, kernels, values, seed } = workerData as ThreadOrder;
const workload = workloads[name];
const say = (report: ThreadReport): void => parentPort?.postMessage(report);

const backend = await openBackend({ backend: 'wasm', kernels });
say({ device: backend.device });
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());
const perPass = workload.shuffle ? () => Math.floor(7352 / batch) * batch : undefined;
let before = 0;
await trainPack(
  workload.architecture(),
  dataFor(workload.channels, values),
  [{ learningRate: 0.0025, l2: workload.l2, random: createRandom(seed), signal: stop.signal }],
  { optimizer: workload.optimizer, batchSize: batch, shuffle: workload.shuffle, evaluateEvery: 1_000_000 },
  {
    afterPass: (_, { pass }) => {
      // Without shuffling a batch may begin in one pass and end in the next.
      const seen = perPass ? pass * perPass() : Math.floor((pass * 7352) / batch) * batch;
      say({ at: performance.timeOrigin + performance.now(), samples: seen - before });
      before = seen;
    },
    ended: () => undefined,
    diverged: (_, pass) => say({ failed: `the loss was no number any more after pass ${pass}` }),
  },
);
