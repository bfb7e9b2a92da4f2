import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeJoinString } from '../../src/messaging/join-string.js';
import { natsProgram } from '../support/nats.js';
import { moduleFixture } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';

const main = fileURLToPath(new URL('../../dist/worker/cli/main.js', import.meta.url));

const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SWEEPYARD_')),
);

interface Cli {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; error: string }>;
}

/** `worker ...`, the built one, as a process of its own. */
function worker(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Cli {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...inherited, ...environment },
    stdio: ['pipe', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    error,
  }));
  return { process: child, ended };
}

function joined(coordinator: TestCoordinator, ...flags: string[]): Cli {
  const args = ['start', '--pool', coordinator.sweepId, '--slots', '1', ...flags];
  return worker([...args, '--backend', 'wasm'], {
    SWEEPYARD_JOIN: encodeJoinString(coordinator.nats.worker),
  });
}

describe('worker command', () => {
  it.each<[string[], number, RegExp]>([
    [['start'], 2, /required option '--join <string>' not specified/],
    [
      ['start', '--join', 'nonsense'],
      2,
      /^worker: a join string looks like sweepyard:\/\/user:password@host:port/,
    ],
    [['start', '--join', 'x', '--slots', '0'], 2, /--slots.* It must be a whole number from 1 to 1024/],
    [['start', '--join', 'x', '--grace', 'soon'], 2, /--grace.* It is a duration such as 10s/],
    [
      ['start', '--join', 'x', '--backend', 'abacus'],
      2,
      /Allowed choices are auto, tensorflow, webgpu, wasm/,
    ],
    [['start', '--join', 'x', '--kernels', 'fast'], 2, /Allowed choices are auto, native, wasm, reference/],
    [['start', '--join', 'x', '--frobnicate'], 2, /unknown option '--frobnicate'/],
    [['dance'], 2, /unknown command 'dance'/],
    [['start', '--join', 'sweepyard://worker:secret@127.0.0.1:1'], 1, /^worker: .*127\.0\.0\.1:1\b/],
  ])('worker - %j ends with %i', async (args, code, text) => {
    const outcome = await worker(args).ended;
    expect(outcome.error).toMatch(text);
    expect(outcome.error).not.toMatch(/secret|^\s+at /m);
    expect(outcome.code).toBe(code);
  });

  it.skipIf(!natsProgram)('worker - trains, hands back what runs at SIGTERM, and ends with 0', async () => {
    const coordinator = await TestCoordinator.start();
    const { process: child, ended } = joined(coordinator, '--allow-modules', '--name', 'lab-7');
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 3 }]);
    await coordinator.assign(moduleFixture('behave.ts'), [{ does: 'wait' }], { first: 1 });
    expect(await coordinator.result(0)).toMatchObject({ kind: 'completed', metrics: { value: 9 } });
    await coordinator.until(() => coordinator.of(1).some(({ kind }) => kind === 'metrics'));
    child.kill('SIGTERM');
    expect(await coordinator.result(1)).toMatchObject({ kind: 'returned', reason: 'the worker got SIGTERM' });
    const { code, error } = await ended;
    expect(code).toBe(0);
    expect(error).toMatch(
      /^worker: lab-7-[0-9a-f]{8} works for pool \w+ at 127\.0\.0\.1:\d+: 1 slot, backend wasm, WebAssembly with SIMD, \w+ kernels .+\n/,
    );
    expect(error).toMatch(/\nworker: lab-7-[0-9a-f]{8} ended after 2 assignments in .*\n$/);
    expect(error.trim().split('\n')).toHaveLength(2);
  });

  it.skipIf(!natsProgram)(
    'worker - a trial that does not end is ended after --grace; a second signal ends at once',
    async () => {
      const coordinator = await TestCoordinator.start();
      const patient = joined(coordinator, '--allow-modules', '--grace', '300ms');
      await coordinator.assign(moduleFixture('behave.ts'), [{ does: 'deaf' }]);
      await coordinator.until(() => coordinator.of(0).some(({ kind }) => kind === 'metrics'));
      patient.process.kill('SIGINT');
      expect(await coordinator.result(0)).toMatchObject({ kind: 'returned' });
      expect((await patient.ended).code).toBe(0);

      const hurried = joined(coordinator, '--allow-modules', '--grace', '1h', '--verbose');
      await coordinator.assign(moduleFixture('behave.ts'), [{ does: 'deaf' }], { first: 1 });
      await coordinator.until(() => coordinator.of(1).some(({ kind }) => kind === 'metrics'));
      hurried.process.kill('SIGINT');
      await coordinator.until(() =>
        [...coordinator.fleet.values()].some(({ state }) => state === 'draining'),
      );
      hurried.process.kill('SIGINT');
      expect((await hurried.ended).code).toBe(130);
    },
  );

  it.skipIf(!natsProgram)('worker - drains when whoever started it is gone', async () => {
    const coordinator = await TestCoordinator.start();
    const { process: child, ended } = joined(coordinator, '--allow-modules', '--until-input-closes');
    await coordinator.assign(moduleFixture('behave.ts'), [{ does: 'wait' }]);
    await coordinator.until(() => coordinator.of(0).length > 0);
    child.stdin?.end();
    expect(await coordinator.result(0)).toMatchObject({ kind: 'returned' });
    expect((await ended).code).toBe(0);
  });

  it.skipIf(!natsProgram || process.platform !== 'linux')(
    'worker - no program outlives a worker that is killed',
    async () => {
      const coordinator = await TestCoordinator.start();
      const { process: child, ended } = joined(coordinator, '--allow-commands');
      const script = `console.log('REPORT {"pid": ' + process.pid + '}'); setInterval(() => {}, 1000);`;
      await coordinator.assign({ kind: 'command', command: [process.execPath, '-e', script] }, [{}]);
      const report = await coordinator.until(() => coordinator.of(0).find(({ kind }) => kind === 'metrics'));
      const pid = report.kind === 'metrics' ? report.metrics['pid'] : undefined;
      child.kill('SIGKILL');
      await ended;
      await expect
        .poll(() =>
          readFile(`/proc/${pid}/stat`, 'utf8').then(
            (stat) => stat.includes(') Z '),
            () => true,
          ),
        )
        .toBe(true);
    },
  );
});
