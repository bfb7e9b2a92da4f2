import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const native = new URL('../../../build/native/recurrent.node', import.meta.url);
const thread = new URL('./training-thread.ts', import.meta.url).href;
/** Threads don't inherit the TypeScript loader of tests. */
const start = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${thread}', '${import.meta.url}'))`;

function losses(seed: number, steps: number): Promise<number[]> {
  const worker = new Worker(start, { eval: true, workerData: { seed, steps } });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

// Skipped where install found no compiler for the native addon.
test.skipIf(!existsSync(native))(
  'kernels - two threads of one process train at once as each would alone',
  async () => {
    const steps = 60;
    const together = await Promise.all([losses(1, steps), losses(2, steps)]);
    const alone = [await losses(1, steps), await losses(2, steps)];
    expect(together).toEqual(alone);
    expect(alone[0]!.at(-1)!).toBeLessThan(alone[0]![0]! / 2);
    expect(alone[0]).not.toEqual(alone[1]);
  },
  60_000,
);
