import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const coordinator = fileURLToPath(new URL('../../dist/coordinator/cli/main.js', import.meta.url));
const listing = z.array(
  z.looseObject({ state: z.string(), createdAt: z.coerce.date(), finishedAt: z.coerce.date() }),
);

export const sweepTrials = 32;

/**
 * A sweep over learning rates of model 1 with batches of 20 windows, whole way: its own coordinator, nats-server and
 * worker, one slot a core. The clock runs from the first trial's creation to the last one's result; what a worker
 * finds out about packs is within it.
 * @returns trials a second
 */
export async function sweepRate(pack: 'auto' | 'off'): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
  try {
    const file = join(directory, 'sweep.yaml');
    await writeFile(
      file,
      [
        'name: packing',
        'trainable: har',
        'fixed: { dataset: synthetic-har, signals: [total_acc], batchSize: 20, passes: 5 }',
        'space: { lr: { float: [1e-4, 1e-2], log: true } }',
        'objectives: { accuracy: maximize }',
        `search: { sampler: sobol, trials: ${sweepTrials} }`,
        `workers: { pack: ${pack} }`,
      ].join('\n'),
    );
    const cache = { SWEEPYARD_CACHE: join(directory, 'cache') };
    await command(['start', file, '--dir', directory, '--no-dashboard', '--quiet'], cache);
    const stored = listing.parse(
      JSON.parse(await command(['trials', 'packing', '--dir', directory, '--format', 'json'], cache)),
    );
    if (stored.some(({ state }) => state !== 'completed')) throw new Error('not all trials completed');
    const first = Math.min(...stored.map(({ createdAt }) => createdAt.getTime()));
    const last = Math.max(...stored.map(({ finishedAt }) => finishedAt.getTime()));
    return stored.length / ((last - first) / 1000);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function command(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [coordinator, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output.stdout);
      else reject(new Error(`coordinator ${args.join(' ')} ended with ${code}: ${output.stderr}`));
    });
  });
}
