import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/sweep/json.js';
import type { MemberEnd } from '../../src/worker/threads/protocol.js';
import { spawnTied } from '../../src/worker/trainables/command/tied-process.js';
import { TrialError } from '../../src/worker/trainables/trainable.js';
import { natsProgram } from '../support/nats.js';
import { startTestAgent, scratchDirectory, startTestPool } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';
import { startTask, trainOne } from './test-thread.js';

/** A program: this Node with a script as text, and arguments after it. */
function program(script: string, ...args: string[]): { kind: 'command'; command: string[] } {
  return { kind: 'command', command: [process.execPath, '-e', script, '--', ...args] };
}

async function run(
  script: string,
  parameters: JsonObject = {},
  ...args: string[]
): Promise<MemberEnd | undefined> {
  return await trainOne(await startTestPool({ slots: 1 }), program(script, ...args), parameters);
}

/** Resolves when no process of that id is left. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z');
    if (stat.split(') ')[1]?.startsWith('Z') ?? true) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('command trainable', () => {
  it('command - reports and result come from lines of JSON or Python, others are its log', async () => {
    const pool = await startTestPool({ slots: 1 });
    const script = `
      console.log('training');
      console.log('REPORT {"step": 10, "loss": 0.5}');
      process.stdout.write("progress 1%\\rREPORT {'loss': np.float32(0.25)}\\r\\n");
      console.log("RESULT {'accuracy': 0.91, 'memory': 8128, 'labels': ('a', 'b')}");
      process.stdout.write('bye');`;
    const { ends, reports, log } = await startTask(pool, program(script)).finished;
    expect(ends.get(0)).toEqual({
      kind: 'completed',
      metrics: { loss: 0.25, accuracy: 0.91, memory: 8128 },
      details: { labels: ['a', 'b'] },
    });
    expect(reports.map(({ step, metrics }) => [step, metrics])).toEqual([
      [10, { loss: 0.5 }],
      [11, { loss: 0.25 }],
    ]);
    expect(log).toEqual(['training', 'progress 1%', 'bye']);
  });

  it('command - parameters are arguments, whatever they contain, and JSON in the environment', async () => {
    const echo = `
      const { SWEEPYARD_PARAMETERS, SWEEPYARD_SEED, SWEEPYARD_TRIAL, SWEEPYARD_SWEEP } = process.env;
      const said = { args: process.argv.slice(1), env: JSON.parse(SWEEPYARD_PARAMETERS) };
      console.log('RESULT ' + JSON.stringify({ ok: 1, ...said, seed: [SWEEPYARD_SEED], trial: [SWEEPYARD_TRIAL, SWEEPYARD_SWEEP] }));`;
    const parameters = { lr: 0.0025, name: 'x\'; $(touch /nowhere) "*"\n', on: true, layers: [1, 2] };
    const end = await run(
      echo,
      parameters,
      '--lr={lr}',
      '{name}',
      '{on}',
      '{layers}',
      '{{lr}}',
      '{seed}/{trial}',
      '{"a":1}',
    );
    expect(end).toMatchObject({
      metrics: { ok: 1 },
      details: {
        args: ['--lr=0.0025', parameters.name, 'true', '[1,2]', '{lr}', '100/0', '{"a":1}'],
        env: parameters,
        seed: ['100'],
        trial: ['0', 'sweep'],
      },
    });
  });

  it.each([
    ['a\0b', {}, /^the program node can't be started: .* null bytes/],
    [
      'a',
      { SWEEPYARD_PARAMETERS: 'x'.repeat(4_000_000) },
      /too long for this system .* SWEEPYARD_PARAMETERS has 4000000 bytes$/,
    ],
  ])(
    'command - what no program can be given fails the trial, and says why (%#)',
    (argument, more, message) => {
      const start = (): unknown => spawnTied(['node', argument], { ...process.env, ...more });
      expect(start).toThrow(TrialError);
      expect(start).toThrow(message);
    },
  );

  it('command - a placeholder without a value fails as setup and names it', async () => {
    const end = await run('', { lr: 1 }, '--depth={depth}');
    expect(end).toMatchObject({ kind: 'failed', failure: { class: 'setup' } });
    expect(end).toHaveProperty(
      'failure.message',
      '{depth} in the command\'s argument "--depth={depth}" is no parameter of this trial (it has lr); ' +
        'conditional parameters, which some trials lack, are in SWEEPYARD_PARAMETERS',
    );
  });

  it.each([
    [['no-such-program-xyz'], /^program no-such-program-xyz was not found along this worker's PATH/],
    [['./missing.sh'], /^program .*missing\.sh does not exist on this worker or can't be executed$/],
    [['/etc/passwd'], /^program \/etc\/passwd does not exist on this worker or can't be executed$/],
  ])('command - %s fails as setup', async (command, message) => {
    const end = await trainOne(await startTestPool({ slots: 1 }), { kind: 'command', command });
    expect(end).toMatchObject({
      failure: { class: 'setup', message: expect.stringMatching(message) as string },
    });
  });

  it.each([
    ['process.exit(3)', 'crash', 'the program ended with exit code 3'],
    [
      "console.error('Traceback:\\n  boom'); process.exit(1)",
      'crash',
      'the program ended with exit code 1; last lines of its standard error:\nTraceback:\n  boom',
    ],
    ["process.kill(process.pid, 'SIGKILL')", 'crash', 'the program was killed by SIGKILL'],
    [
      "console.log('done')",
      'trial',
      'the program ended without a line RESULT {...} or REPORT {...} on its standard output',
    ],
    [
      'console.log("RESULT {\'a\': }"); setInterval(() => {}, 1000)',
      'trial',
      "can't read the line \"RESULT {'a': }\": expected a value at column 7 of what follows RESULT",
    ],
    ['console.log("REPORT {\'a\': nan}"); setInterval(() => {}, 1000)', 'trial', 'a is NaN at step 1'],
    ['console.log("RESULT {\'a\': 1}"); process.exit(2)', 'crash', 'the program ended with exit code 2'],
  ])('command - %s fails as %s', async (script, failureClass, message) => {
    expect(await run(script)).toEqual({ kind: 'failed', failure: { class: failureClass, message } });
  });

  it('command - without RESULT the last report is the result', async () => {
    const end = await run(`console.log('REPORT {"loss": 0.5}\\nREPORT {"loss": 0.25}')`);
    expect(end).toEqual({ kind: 'completed', metrics: { loss: 0.25 } });
  });

  it('command - a report at step 0 is one, too', async () => {
    const end = await run(`console.log('REPORT {"step": 0, "loss": 0.5}')`);
    expect(end).toEqual({ kind: 'completed', metrics: { loss: 0.5 } });
  });

  it('command - a line without end does not fill the memory', async () => {
    const end = await run(`
      const chunk = 'x'.repeat(1 << 20);
      for (let i = 0; i < 64; i++) process.stdout.write(chunk);
      process.stdout.write('\\nRESULT {"ok": 1}\\n');`);
    expect(end).toMatchObject({ kind: 'completed', metrics: { ok: 1 } });
  });

  it('command - a program that is asked to stop may end in order', async () => {
    const pool = await startTestPool({ slots: 1 });
    const marker = join(await scratchDirectory(), 'ended');
    const script = `
      process.on('SIGTERM', () => { require('fs').writeFileSync(process.argv[1], ''); process.exit(0); });
      console.log('REPORT {"pid": ' + process.pid + '}');
      setInterval(() => {}, 1000);`;
    const task = startTask(pool, program(script, marker));
    await task.sign;
    task.abort([0]);
    expect((await task.finished).ends.get(0)).toEqual({ kind: 'aborted' });
    expect(existsSync(marker)).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')(
    'command - nothing that a program started outlives it',
    async () => {
      const pool = await startTestPool({ slots: 1 });
      const script = `
      const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log('REPORT ' + JSON.stringify({ child: child.pid }));
      child.unref();
      process.exit(0);`;
      const { ends, reports } = await startTask(pool, program(script)).finished;
      expect(ends.get(0)).toMatchObject({ kind: 'completed' });
      await gone(reports[0]?.metrics['child'] ?? NaN);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'command - a thread that is ended takes its program with it',
    async () => {
      const pool = await startTestPool({ slots: 1 });
      const deaf = `process.on('SIGTERM', () => {}); console.log('REPORT {"pid": ' + process.pid + '}'); setInterval(() => {}, 1000);`;
      const task = startTask(pool, program(deaf));
      await task.sign;
      task.terminate();
      const { reports, died } = await task.finished;
      expect(died).toBeDefined();
      await gone(reports[0]?.metrics['pid'] ?? NaN);
    },
  );

  it.skipIf(!natsProgram || process.platform !== 'linux')(
    'command - trial.memoryLimit counts what the program and its children take',
    async () => {
      const coordinator = await TestCoordinator.start();
      await startTestAgent(coordinator);
      const eat = 'const eaten = Buffer.alloc(150e6, 1); setInterval(() => eaten[0]++, 1000)';
      const script = `
        require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(eat)}], { stdio: 'inherit' });
        setInterval(() => {}, 1000);`;
      await coordinator.assign(program(script), [{}], { memoryLimit: 150e6 });
      const message = expect.stringMatching(/^uses \d+ MB, trial\.memoryLimit is 150 MB$/) as string;
      expect(await coordinator.result(0)).toMatchObject({ failure: { class: 'memory', message } });
    },
  );
});
