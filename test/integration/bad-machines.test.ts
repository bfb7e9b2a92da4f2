import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { eventually, House, isAlive, no } from './house.js';

describe('start - what the user gave is wrong', () => {
  it.each<[string[], RegExp]>([
    [['start', 'missing.yaml'], /^coordinator: there is no file missing\.yaml\n$/],
    [['start'], /missing required argument 'file'/],
    [['start', 'sweep.yaml', '--port', '70000'], /It must be a whole number from 0 to 65535/],
    [['start', 'sweep.yaml', '--workers', 'many'], /It must be a whole number from 0 to 1024/],
    [['start', 'sweep.yaml', '--nats', 'nats://x', '--listen', '0.0.0.0'], /cannot be used with/],
    [['start', 'sweep.yaml', '--nats', 'http://x'], /a NATS address looks like nats:\/\//],
    [['start', 'sweep.yaml', '--slotz', '2'], /unknown option '--slotz'.*\n.*--slots/],
    [['dance'], /unknown command 'dance'/],
  ])('start - %j ends with 2 and says why', async ([command = '', ...args], text) => {
    const house = await House.build(2);
    const { code, errors } = await house.coordinator(command, ...args).ended;
    expect(errors).toMatch(text);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  it('start - a sweep file with mistakes shows them all and starts nothing', async () => {
    const house = await House.build(2);
    await house.sweepFile('space: { x: { int: [5, 1] } }\nobjectives: { y: up }\nbogus: 1');
    const { code, errors } = await house.start().ended;
    expect(code).toBe(2);
    expect(errors).toMatch(/bogus/);
    expect(errors).toMatch(/up/);
  });

  it('start - help has examples and exit codes, and every command is listed', async () => {
    const house = await House.build(2);
    const help = await house.coordinator('start', '--help').ended;
    expect(help.code).toBe(0);
    expect(help.output).toMatch(/Examples:[^]*Exit codes: 0/);
    const all = await house.coordinator('--help').ended;
    for (const name of [
      'start',
      'stop',
      'dashboard',
      'validate',
      'sweeps',
      'status',
      'trials',
      'best',
      'export',
    ])
      expect(all.output).toMatch(new RegExp(`^  ${name} `, 'm'));
  });
});

describe.skipIf(!natsProgram)('start - the machine is not as it should be', () => {
  it('start - a dashboard port that is taken is an error where it was asked for, and ends everything', async () => {
    const house = await House.build(2);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { code, errors } = await house.coordinator('start', 'sweep.yaml', '--port', String(port)).ended;
    expect(errors).toMatch(new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use; choose another one`));
    expect(code).toBe(1);
    expect(isAlive(await house.natsPid())).toBe(false);
  });

  it('start - a data directory that can not be made is named, with the way out', async () => {
    const house = await House.build(2);
    await house.write('data', 'a file');
    const { code, errors } = await house.start().ended;
    expect(code).toBe(1);
    expect(errors).toContain(`the data directory ${join(house.directory, 'data')} cannot be created`);
    expect(errors).toContain('--dir chooses another one');
  });

  it('start - a nats-server that is none', async () => {
    const house = await House.build(2);
    const { code, errors } = await house.start('--nats-server', join(house.directory, 'sweep.yaml')).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/sweep\.yaml/);
    expect(errors).not.toMatch(/^\s+at /m);
  });

  it('start - a nats-server that does not answer', async () => {
    const house = await House.build(2);
    const { code, errors } = await house.start('--nats', 'nats://127.0.0.1:1').ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/no nats-server answers at 127\.0\.0\.1:1/);
  });

  it('start - the dashboard shows the running sweep, and stops it', async () => {
    const house = await House.build(4, 'fixed: { mode: gate }');
    const coordinator = house.coordinator('start', 'sweep.yaml', '--slots', '1', '--port', '0');
    const url = await eventually('the dashboard is announced', () =>
      Promise.resolve(/dashboard: (\S+)/.exec(coordinator.output)?.[1] ?? no()),
    );
    await house.until('a trial runs', (trials) => trials.some(({ state }) => state === 'running'));
    const { id } = await house.sweep();
    const address = new URL(`/api/v1/sweeps/${id}/actions`, url);
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: new URL(url).origin },
      body: JSON.stringify({ action: 'stop' }),
    });
    expect(answer.ok).toBe(true);
    expect((await coordinator.ended).code).toBe(0);
    expect(await house.sweep()).toMatchObject({ state: 'stopped' });
  });
});
