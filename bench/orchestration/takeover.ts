import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { everyPool } from '../../src/messaging/server/credentials.js';
import { startNatsServer } from '../../src/messaging/server/nats-server.js';
import { obtainNatsServer } from '../../src/messaging/server/obtain-nats-server.js';
import { coordinatorProgram } from './no-op.js';

const workerProgram = join(dirname(coordinatorProgram), '../../worker/cli/main.js');

/** Notes who trains it and when, and takes a minute. */
const objective = (launches: string): string => `
import { appendFileSync } from 'node:fs';
export default async ({ x }) => {
  appendFileSync(${JSON.stringify(launches)}, \`\${process.pid} \${Date.now()}\\n\`);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return { y: x };
};
`;

/** Milliseconds that everything may take; on a busy machine Node alone takes seconds to start. */
const patience = 120_000;

/**
 * A worker is killed (-9) while it trains, another one stands ready: milliseconds from the kill to the beginning of the
 * new attempt, each time it is done.
 */
export async function takeovers(times: number, say: (line: string) => void): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
  const launches = join(directory, 'launches');
  await writeFile(launches, '');
  await writeFile(join(directory, 'objective.js'), objective(launches));
  const file = join(directory, 'sweep.yaml');
  await writeFile(
    file,
    [
      'name: takeover',
      'trainable: ./objective.js',
      'space: { x: { float: [0, 1] } }',
      'objectives: { y: maximize }',
      'search: { sampler: random, trials: 1, seed: 1 }',
      '',
    ].join('\n'),
  );
  const server = await startNatsServer({ directory, program: await obtainNatsServer({ say }) });
  const processes: ChildProcess[] = [];
  const start = (
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): ChildProcess => {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    processes.push(child);
    return child;
  };
  try {
    const joinString = await server.joinStringFor(everyPool);
    const newWorker = async (): Promise<void> => {
      const flags = ['start', '--slots', '1', '--allow-modules'];
      await says(start(workerProgram, flags, { SWEEPYARD_JOIN: joinString }), 'works for pool');
    };
    start(coordinatorProgram, ['start', file, '--dir', directory, '--workers', '0', '--no-dashboard']);
    await newWorker();
    const took: number[] = [];
    for (let attempt = 1; attempt <= times; attempt++) {
      const { pid } = await launch(launches, attempt);
      await newWorker();
      const killedAt = Date.now();
      process.kill(pid, 'SIGKILL');
      const { at } = await launch(launches, attempt + 1);
      took.push(at - killedAt);
      say(`a worker was killed; the new attempt began after ${at - killedAt} ms`);
    }
    return took;
  } finally {
    // Whoever still uses the server keeps it.
    await Promise.all(processes.map(killed));
    await server.release();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resolves when it is no more. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Resolves when a process has printed this. */
async function says(child: ChildProcess, text: string): Promise<void> {
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (printed.includes(text)) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${printed}`)));
    setTimeout(() => reject(new Error(`it did not say "${text}": ${printed}`)), patience).unref();
  });
}

/** The n-th time that the trial began. */
async function launch(file: string, n: number): Promise<{ pid: number; at: number }> {
  for (const since = performance.now(); performance.now() - since < patience;) {
    const line = readFileSync(file, 'utf8').split('\n')[n - 1];
    const [, pid, at] = /^(\d+) (\d+)$/.exec(line ?? '') ?? [];
    if (pid !== undefined && at !== undefined) return { pid: Number(pid), at: Number(at) };
    await sleep(20);
  }
  throw new Error(`attempt ${n} did not begin within ${patience} ms`);
}
