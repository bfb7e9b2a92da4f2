import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ProcessTree, type Program } from './process-tree.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const coordinatorProgram = join(root, 'dist/coordinator/cli/main.js');

/** Reports once and completes. */
const noOp = 'export default ({ x }, trial) => { trial.report({ y: x }, 1); return { y: x }; };';

export interface WholeWay {
  /** Trials a second, from the first one's creation to the last one's result, as the store has them. */
  readonly rate: number;
  /** Milliseconds of the processor a trial, by program, in that time. Absent where the system does not tell. */
  readonly processor?: ReadonlyMap<Program, number>;
  /** Resident bytes of the coordinator at the last result. */
  readonly memory?: number;
}

export interface WholeWayOptions {
  /** Source of the module that is trained. @default one that reports once */
  readonly objective?: string;
  readonly flags?: readonly string[];
  /** URL of an empty PostgreSQL database. @default SQLite */
  readonly database?: string;
}

/** So many trials through `coordinator start` with its own nats-server and local workers. */
export async function wholeWay(
  trials: number,
  { objective = noOp, flags = [], database }: WholeWayOptions = {},
): Promise<WholeWay> {
  const store = database === undefined ? [] : ['--database', database];
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
  try {
    await writeFile(join(directory, 'objective.js'), `${objective}\n`);
    const file = join(directory, 'sweep.yaml');
    await writeFile(
      file,
      [
        'name: no-op',
        'trainable: ./objective.js',
        'space: { x: { float: [0, 1] } }',
        'objectives: { y: maximize }',
        `search: { sampler: random, trials: ${trials}, seed: 1 }`,
        '',
      ].join('\n'),
    );
    let tree: ProcessTree | undefined;
    const start = ['start', file, '--dir', directory, '--no-dashboard', '--quiet', ...store, ...flags];
    await command(start, (pid) => (tree = ProcessTree.watch(pid))).finally(() => tree?.stop());
    const { first, last } = await timesOf(['--dir', directory, ...store], trials);
    const memory = tree?.memoryAt('coordinator', last);
    const processor = [...(tree?.processorBetween(first, last) ?? [])];
    return {
      rate: trials / ((last - first) / 1_000),
      ...(tree && { processor: new Map(processor.map(([program, taken]) => [program, taken / trials])) }),
      ...(memory !== undefined && { memory }),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const listing = z.array(
  z.looseObject({ state: z.string(), createdAt: z.coerce.date(), finishedAt: z.coerce.date() }),
);

/** When the first trial was made and the last had its result. Throws where not all are completed. */
async function timesOf(place: readonly string[], trials: number): Promise<{ first: number; last: number }> {
  const text = await command(['trials', 'no-op', ...place, '--format', 'json']);
  const stored = listing.parse(JSON.parse(text));
  const completed = stored.filter(({ state }) => state === 'completed').length;
  if (completed !== trials) throw new Error(`${completed} of ${trials} trials completed`);
  let first = Infinity;
  let last = -Infinity;
  for (const { createdAt, finishedAt } of stored) {
    first = Math.min(first, createdAt.getTime());
    last = Math.max(last, finishedAt.getTime());
  }
  return { first, last };
}

/** Runs a coordinator command to its end and returns what it printed. */
function command(args: readonly string[], onStart: (pid: number) => void = () => undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [coordinatorProgram, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) onStart(child.pid);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(output.stdout);
      const words = output.stderr || output.stdout;
      reject(new Error(`coordinator ${args.join(' ')} ended with ${code}: ${words}`));
    });
  });
}
