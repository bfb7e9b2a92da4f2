import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runPeer } from '../peer-python.js';
import type { SearchCase } from './cases.js';

const script = 'optuna_search.py';
/** What makes the peer's runs: their results depend on it. */
export const peerScript = fileURLToPath(new URL(`../peers/${script}`, import.meta.url));

const Peer = z.object({ version: z.string(), single: z.array(z.string()), several: z.array(z.string()) });
const Result = z.object({
  id: z.number(),
  values: z.array(z.array(z.number())),
  truth: z.array(z.number()),
});

/** Optuna as it is installed here: its version, and its samplers for one objective and for several. */
export type PeerSamplers = z.infer<typeof Peer>;

export interface PeerRun {
  readonly case: SearchCase;
  readonly sampler: string;
  readonly seed: number;
}

export function peerSamplers(python: string): PeerSamplers {
  return Peer.parse(runPeer(python, script, ['--samplers']));
}

/** Makes runs on all cores, and says the figures of each at its marks; stops without a word when `signal` says so. */
export async function makePeerRuns(
  python: string,
  runs: readonly PeerRun[],
  done: (run: PeerRun, figures: readonly number[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(python, [peerScript], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  // Its own group of processes: the pool that it made is stopped with it.
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  const tasks = runs.map((run, id) => ({
    id,
    problem: run.case.problem,
    sampler: run.sampler,
    seed: run.seed,
    trials: run.case.marks.at(-1),
    noise: run.case.noise,
  }));
  child.stdin.on('error', () => undefined).end(tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  for await (const line of createInterface({ input: child.stdout })) {
    const result = Result.safeParse(JSON.parse(line));
    const run = result.success ? runs[result.data.id] : undefined;
    if (result.success && run) done(run, figuresOf(run.case, result.data));
  }
  const code = await ended;
  signal.removeEventListener('abort', stop);
  if (code !== 0 && !signal.aborted) throw new Error(`bench/peers/${script} ended with ${code}`);
}

/** Optuna recommends the trial that was told the least. */
function figuresOf(entry: SearchCase, { values, truth }: z.infer<typeof Result>): number[] {
  const outcomes = values.map((told, i) => ({ values: told, truth: truth[i] ?? NaN }));
  return entry.marks.map((mark) => {
    const so = outcomes.slice(0, mark);
    const told = so.map((outcome) => outcome.values[0] ?? Infinity);
    return entry.figure(so, told.indexOf(Math.min(...told)));
  });
}
