import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeJoinString } from '../../src/messaging/join-string.js';
import { natsProgram, startTestNats } from '../support/nats.js';
import { count, eventually, House, no, Program } from './house.js';

/** Whether this process may make file systems of its own. */
async function canMount(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-mount-'));
  const mounted = mount(directory);
  if (mounted) spawnSync('umount', [directory]);
  await rm(directory, { recursive: true, force: true });
  return mounted;
}

/** SQLite's write-ahead log alone grows to 4 MB before it is folded into the database. */
function mount(directory: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', directory]).status === 0;
}

/** Takes all the room that is left. */
function fill(file: string): void {
  for (let size = 1 << 20; size >= 512; size >>= 1) {
    for (let i = 0; ; i++) {
      try {
        writeFileSync(`${file}-${size}-${i}`, Buffer.alloc(size));
      } catch {
        rmSync(`${file}-${size}-${i}`, { force: true });
        break;
      }
    }
  }
}

const skip = !natsProgram
  ? 'no nats-server'
  : (await canMount())
    ? undefined
    : 'only root may mount a small disk';

describe.skipIf(skip !== undefined)(`full disk${skip === undefined ? '' : ` (skipped: ${skip})`}`, () => {
  it('full disk - holds the sweep up with a line that says so, and loses nothing once there is room', async () => {
    const house = await House.build(80, 'fixed: { mode: slow }');
    const data = join(house.directory, 'data');
    mkdirSync(data);
    expect(mount(data)).toBe(true);
    onTestFinished(() => void spawnSync('umount', ['-l', data]));
    const nats = await startTestNats({ untilTestEnds: true });
    const url = encodeJoinString(nats.coordinator).replace('sweepyard:', 'nats:');
    const coordinator = house.start('--no-worker', '--nats', url);
    const args = ['start', '--slots', '2', '--allow-modules', '--backend', 'wasm'];
    const worker = new Program('worker', args, { SWEEPYARD_JOIN: encodeJoinString(nats.worker) });
    onTestFinished(() => void worker.kill());
    await house.until('some trials are completed', (trials) => count(trials, 'completed') >= 10);
    fill(join(data, 'filler'));
    await eventually('the coordinator says so', () =>
      Promise.resolve(
        /the store does not take .*, trying again: .*(full|space)/.test(coordinator.errors)
          ? 0
          : no(coordinator.errors),
      ),
    );
    spawnSync('sh', ['-c', `rm -f ${data}/filler-*`]);
    const { code, errors } = await coordinator.ended;
    expect(errors).toMatch(/the store takes .* again/);
    expect(code).toBe(0);
    const trials = await house.trials();
    expect(count(trials, 'completed')).toBe(80);
    const finished = await house.lines('finished.log');
    expect([...finished].sort((a, b) => a - b)).toEqual([...Array(80).keys()]);
  }, 180_000);
});
