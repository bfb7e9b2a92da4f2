import { Worker } from 'node:worker_threads';
import type { ThreadOrder, ThreadReport } from './thread.js';
import { steps, windows, workloads, type WorkloadName } from './workloads.js';

/** Threads don't inherit the TypeScript loader. */
const thread = new URL('./thread.ts', import.meta.url).href;
const start = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${thread}', '${import.meta.url}'))`;

export interface Throughput {
  /** Of all threads together, by the clock on the wall. */
  readonly samplesPerSecond: number;
  /** Of one thread, by the processor time that this process used: what else runs on the machine counts little. */
  readonly samplesPerProcessorSecond: number;
  readonly device: string;
}

/** One thread's passes: when each ended and how many samples it saw. */
type Passes = { readonly at: number; readonly samples: number }[];

/**
 * Trains in several threads at once, as a worker does, each a trial of its own.
 * @param seconds how long to measure, from when every thread has its first pass behind it
 */
export async function measureThreads(
  workload: WorkloadName,
  { batch, threads, seconds }: { batch: number; threads: number; seconds: number },
): Promise<Throughput> {
  const { channels } = workloads[workload];
  const values = new Float32Array(new SharedArrayBuffer(4 * steps * windows * channels));
  values.forEach((_, index) => (values[index] = Math.sin(index * index)));
  const workers = Array.from({ length: threads }, (_, seed) => {
    const workerData: ThreadOrder = { workload, batch, kernels: 'auto', values, seed };
    return new Worker(start, { eval: true, workerData });
  });
  const passes = workers.map((): Passes => []);
  let device = '';
  let from: number | undefined;
  let processor = process.cpuUsage();
  let used = 0;
  const over = new Promise<void>((resolve, reject) => {
    workers.forEach((worker, index) => {
      worker.on('error', reject);
      worker.on('message', (report: ThreadReport) => {
        if ('failed' in report) reject(new Error(`${workload}: ${report.failed}`));
        if ('device' in report) device = report.device;
        if (!('at' in report)) return;
        passes[index]!.push(report);
        if (from === undefined && passes.every((those) => those.length > 0)) {
          from = report.at;
          processor = process.cpuUsage();
        }
        // A pass that is under way when the time is up is measured, too: each thread is timed from pass to pass.
        if (from === undefined || passes.some((those) => those.at(-1)!.at < from! + 1000 * seconds)) return;
        const { user, system } = process.cpuUsage(processor);
        used = (user + system) / 1e6;
        resolve();
      });
    });
  });
  try {
    await over;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const rates = passes.map((those) => rateFrom(those, from!));
  const samplesPerSecond = rates.reduce((sum, rate) => sum + rate, 0);
  const elapsed = Math.max(...passes.map((those) => those.at(-1)!.at)) - from!;
  return {
    samplesPerSecond,
    samplesPerProcessorSecond: (samplesPerSecond * elapsed) / 1000 / used,
    device,
  };
}

/** Samples a second of the passes that ended after `from`, timed since the last one before. */
function rateFrom(passes: Passes, from: number): number {
  const first = passes.findLastIndex(({ at }) => at <= from);
  const samples = passes.slice(first + 1).reduce((sum, pass) => sum + pass.samples, 0);
  return (1000 * samples) / (passes.at(-1)!.at - passes[first]!.at);
}
