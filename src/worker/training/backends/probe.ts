import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { BackendDefinition } from './backend.js';

const outcomeSchema = z.discriminatedUnion('works', [
  z.object({ works: z.literal(true), device: z.string(), samplesPerSecond: z.number().positive() }),
  z.object({ works: z.literal(false), reason: z.string() }),
]);

/** What became of trying a backend. `samplesPerSecond` is that of one slot (`speed.ts`). */
export type ProbeOutcome = z.infer<typeof outcomeSchema>;

export type Probe = ProbeOutcome & {
  readonly name: string;
  /** Training threads that a worker gives it. */
  readonly slots: number;
};

/** Milliseconds: a first step on WebGPU has taken 21 s. */
const patience = 120_000;

const run = promisify(execFile);

/**
 * Opens a backend in a process of its own, has it pass the self-test, and measures how fast it trains.
 * @param slots what the user asked for @default one a core
 */
export async function probeBackend(
  backend: BackendDefinition,
  kernels = 'auto',
  slots?: number,
): Promise<Probe> {
  const { name } = backend;
  const script = fileURLToPath(new URL('./probe-process.js', import.meta.url));
  return { name, slots: slotsFor(backend, slots), ...(await tryIt(script, name, kernels)) };
}

/** @param wanted @default one a core */
export function slotsFor(
  { mostSlots = Infinity }: BackendDefinition,
  wanted = availableParallelism(),
): number {
  return Math.min(mostSlots, wanted);
}

async function tryIt(script: string, name: string, kernels: string): Promise<ProbeOutcome> {
  try {
    const { stdout } = await run(process.execPath, [script, name, kernels], { timeout: patience });
    return outcomeSchema.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
  } catch (error) {
    return { works: false, reason: describeFailure(error) };
  }
}

/** Why a process that tried a backend did not say what became of it. */
export function describeFailure(error: unknown): string {
  const { killed, signal, stderr } = error as { killed?: boolean; signal?: string; stderr?: string };
  if (killed) return `it did not finish one training step within ${patience / 1000} s`;
  const last = stderr?.trimEnd().split('\n').at(-1);
  if (signal) return `it crashed (${signal})${last ? `: ${last}` : ''}`;
  return last || String(error);
}
