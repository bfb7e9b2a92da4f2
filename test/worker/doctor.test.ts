import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Choice, Wish } from '../../src/worker/training/backends/choose-backend.js';

// As built: it starts processes of its own.
const built = new URL('../../dist/worker/training/backends/choose-backend.js', import.meta.url).href;
const { chooseBackend } = (await import(built)) as {
  readonly chooseBackend: (wish: Wish) => Promise<Choice>;
};

const worker = new URL('../../dist/worker/cli/main.js', import.meta.url).pathname;

const report = z.strictObject({
  machine: z.strictObject({
    processor: z.string(),
    cores: z.int().positive(),
    memoryBytes: z.number().positive(),
    node: z.literal(process.version),
  }),
  findings: z.array(
    z.strictObject({
      backend: z.string(),
      kernels: z.string(),
      works: z.boolean(),
      what: z.string(),
      slots: z.int().positive().optional(),
      oneSlot: z.number().positive().optional(),
      allSlots: z.number().positive().optional(),
    }),
  ),
  best: z.strictObject({ backend: z.string(), kernels: z.string() }),
});

test('worker doctor - says of every backend whether it works and how fast, or how to get it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [worker, 'doctor', '--json']);
  const { findings, best } = report.parse(JSON.parse(stdout));
  expect(findings.map(({ backend, kernels }) => `${backend} ${kernels}`)).toEqual([
    'tensorflow auto',
    'webgpu auto',
    'wasm native',
    'wasm wasm',
  ]);
  const wasm = findings.at(-1)!;
  expect(wasm.what).toMatch(/WebAssembly/);
  expect(wasm.allSlots).toBeCloseTo(wasm.oneSlot! * wasm.slots!, 6);
  for (const { works, what, oneSlot } of findings) {
    expect(oneSlot !== undefined, what).toBe(works);
    if (!works) expect(what.length).toBeGreaterThan(20);
  }
  const fastest = Math.max(...findings.map(({ allSlots = 0 }) => allSlots));
  const taken = findings.find(({ backend, kernels }) => backend === best.backend && kernels === best.kernels);
  expect(taken?.allSlots).toBe(fastest);
}, 120_000);

test('choosing a backend - a name is taken as it is, with no more slots than it can have', async () => {
  const choice = await chooseBackend({
    backend: 'tensorflow',
    kernels: 'auto',
    slots: 3,
    cacheDirectory: tmpdir(),
  });
  expect(choice).toEqual({
    name: 'tensorflow',
    slots: 1,
    reason: 'it trains in 1 slot a process, not 3',
  });
});

test('choosing a backend - a name that no backend has is refused with those that there are', async () => {
  const wish = { backend: 'cuda', kernels: 'auto', cacheDirectory: tmpdir() };
  await expect(chooseBackend(wish)).rejects.toThrow('--backend takes auto, tensorflow, webgpu, wasm');
});

test('choosing a backend - auto says what it compared, and remembers it', async () => {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'sweepyard-backends-'));
  try {
    const wish = { backend: 'auto', kernels: 'auto', slots: 2, cacheDirectory };
    const first = await chooseBackend(wish);
    if (first.reason === undefined) return expect(first.name).toBe('wasm');
    expect(first.reason).toMatch(/^the fastest here \(samples\/s: .*wasm \d+/);
    expect(await readdir(cacheDirectory)).toHaveLength(1);
    const again = await chooseBackend(wish);
    expect(again).toEqual({ ...first, reason: first.reason.replace(/\)$/, ', measured earlier)') });
  } finally {
    await rm(cacheDirectory, { recursive: true });
  }
}, 120_000);
