import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BackendDefinition } from '../../../src/worker/training/backends/backend.js';
import { chooseBackend, type Choice } from '../../../src/worker/training/backends/choose-backend.js';
import { backends } from '../../../src/worker/training/backends/open-backend.js';
import {
  describeFailure,
  type Probe,
  type ProbeOutcome,
} from '../../../src/worker/training/backends/probe.js';
import { scratchDirectory } from '../test-agent.js';

const works = (samplesPerSecond: number): ProbeOutcome => ({
  works: true,
  device: 'a test',
  samplesPerSecond,
});
const crashes: ProbeOutcome = { works: false, reason: 'it crashed (SIGSEGV)' };

/** What `auto` chooses where probes of the backends come out like this; one that is not named is not to be tried. */
function choose(cacheDirectory: string, outcomes: Readonly<Record<string, ProbeOutcome>>): Promise<Choice> {
  const probe = ({ name }: BackendDefinition): Promise<Probe> => {
    const outcome = outcomes[name];
    if (!outcome) throw new Error(`${name} was tried`);
    return Promise.resolve({ name, slots: 1, ...outcome });
  };
  const wish = { backend: 'auto', kernels: 'auto', slots: 1, cacheDirectory };
  return chooseBackend(wish, { candidates: backends, probe });
}

describe('choosing a backend', () => {
  test('the fastest is taken, and remembered', async () => {
    const cache = await scratchDirectory();
    const choice = await choose(cache, { tensorflow: works(9), webgpu: works(200), wasm: works(40) });
    const compared = 'samples/s: webgpu 200, wasm 40, tensorflow 9';
    expect(choice).toEqual({ name: 'webgpu', slots: 1, reason: `the fastest here (${compared})` });
    const again = await choose(cache, {});
    expect(again).toEqual({ ...choice, reason: `the fastest here (${compared}, measured earlier)` });
  });

  test('one that failed is named with the reason, and tried again at the next start', async () => {
    const cache = await scratchDirectory();
    const choice = await choose(cache, { tensorflow: crashes, webgpu: crashes, wasm: works(40) });
    expect(choice).toEqual({
      name: 'wasm',
      slots: 1,
      reason:
        'the fastest here (samples/s: wasm 40); tensorflow: it crashed (SIGSEGV); webgpu: it crashed (SIGSEGV)',
    });
    expect(readdirSync(cache)).toEqual([]);
    const next = await choose(cache, { tensorflow: works(90), webgpu: works(9), wasm: works(40) });
    expect(next.name).toBe('tensorflow');
  });

  test('where all failed, all are named', async () => {
    const all = { tensorflow: crashes, webgpu: crashes, wasm: crashes };
    const { reason } = await choose(await scratchDirectory(), all);
    expect(reason).toMatch(/^none passed its self-test; tensorflow: .*; webgpu: .*; wasm: it crashed/);
  });
});

describe('trying a backend', () => {
  test.each([
    [{ killed: true }, 'it did not finish one training step within 120 s'],
    [{ signal: 'SIGSEGV', stderr: 'a\nb\n' }, 'it crashed (SIGSEGV): b'],
    [{ signal: 'SIGSEGV', stderr: '' }, 'it crashed (SIGSEGV)'],
    [{ stderr: 'a\nb\n' }, 'b'],
  ])('%j is said in words', (failed, text) => expect(describeFailure(failed)).toBe(text));

  test('a process that ended without a word has its exit for a reason', () => {
    const error = Object.assign(new Error('Command failed: node probe-process.js'), { code: 3, stderr: '' });
    expect(describeFailure(error)).toBe('Error: Command failed: node probe-process.js');
  });
});
