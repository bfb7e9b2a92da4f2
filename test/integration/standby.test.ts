import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeJoinString } from '../../src/messaging/join-string.js';
import { natsProgram, startTestNats } from '../support/nats.js';
import { count, eventually, House, no, type Program } from './house.js';

const gate = 'fixed: { mode: gate }';
const slow = 'fixed: { mode: slow }';

function standBy(house: House): Program {
  return house.start('--no-worker', '--standby');
}

async function says(program: Program, text: RegExp): Promise<void> {
  await eventually(`it says ${String(text)}`, () =>
    Promise.resolve(text.test(program.output + program.errors) ? undefined : no()),
  );
}

/** A port at which nobody listens before `open` is called; then it leads to the nats-server. */
async function latePort(target: number): Promise<{ port: number; open: () => void }> {
  const forward = createServer((socket) => {
    const onward = connect(target, '127.0.0.1');
    for (const one of [socket, onward]) one.on('error', () => undefined);
    socket.pipe(onward).pipe(socket);
  });
  forward.listen(0, '127.0.0.1');
  await once(forward, 'listening');
  const { port } = forward.address() as AddressInfo;
  await once(forward.close(), 'close');
  onTestFinished(() => void forward.close());
  return { port, open: () => void forward.listen(port, '127.0.0.1') };
}

describe.skipIf(!natsProgram)('standby', () => {
  it('nats-server is away at the start - it waits, says so, and runs the sweep when it is there', async () => {
    const house = await House.build(4);
    const nats = await startTestNats({ untilTestEnds: true });
    const { port, open } = await latePort(nats.coordinator.port);
    const url = encodeJoinString({ ...nats.coordinator, port }).replace(/^sweepyard:/, 'nats:');
    const away = new RegExp(
      `waiting until it is back: no nats-server answers at 127.0.0.1:${port}: the connection is refused`,
    );
    const serving = house.coordinator('serve', '--no-dashboard', '--nats', url);
    await says(serving, away);
    serving.send('SIGTERM');
    expect((await serving.ended).code).toBe(0);
    expect((await house.start('--nats', url).ended).code).toBe(1);
    const waiting = house.start('--standby', '--nats', url);
    await says(waiting, away);
    open();
    expect((await waiting.ended).code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(4);
  }, 240_000);

  it('the first is killed - status says so, and the second goes on', async () => {
    const house = await House.build(200, slow);
    const first = standBy(house);
    await house.worker();
    await house.until('some trials are completed', (trials) => count(trials, 'completed') >= 5);
    const status = async (): Promise<string> => {
      const { output } = await house.coordinator('status', 'house', '--format', 'json').ended;
      return String((JSON.parse(output) as { state: string }).state);
    };
    expect(await status()).toBe('running');
    await first.kill();
    expect(await status()).toBe('interrupted');
    const second = standBy(house);
    const third = standBy(house);
    await Promise.any([says(second, /going on with sweep/), says(third, /going on with sweep/)]);
    const goesOn = /going on/.test(second.output + second.errors);
    const [running, waiting] = goesOn ? [second, third] : [third, second];
    await says(waiting, /standing by: sweep house \(\w{8}\) is run by the coordinator/);
    await running.kill();
    await says(waiting, /taking over sweep house/);
    expect((await waiting.ended).code).toBe(0);
    const trials = await house.trials();
    expect(count(trials, 'completed')).toBe(200);
    expect(await (await house.store()).listSweeps()).toHaveLength(1);
  }, 240_000);

  it('the first is stopped and goes on later - it writes nothing more, and stands by in its turn', async () => {
    const house = await House.build(4, gate);
    const first = standBy(house);
    await house.worker();
    await house.until('a trial runs', (trials) => count(trials, 'running') === 1);
    const second = standBy(house);
    await says(second, /standing by/);
    first.send('SIGSTOP');
    await says(second, /taking over sweep house/);
    await eventually('the second leads it', async () => {
      const leader = (await house.sweep()).leader?.holder ?? '';
      return leader.endsWith(`:${second.pid}`) ? leader : no(leader);
    });
    first.send('SIGCONT');
    await says(first, /is run by the coordinator .* by now/);
    await house.openGate();
    expect((await second.ended).code).toBe(0);
    expect((await first.ended).code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(4);
    expect([...(await house.lines('finished.log'))].sort()).toEqual([0, 1, 2, 3]);
  }, 240_000);

  it('two begin in the same instant - one sweep is created, and one of them runs it', async () => {
    const house = await House.build(10);
    const both = [standBy(house), standBy(house)];
    await house.worker();
    const ended = await Promise.all(both.map((program) => program.ended));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await (await house.store()).listSweeps()).toHaveLength(1);
    expect([...(await house.lines('finished.log'))].sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  }, 240_000);

  it('a user stops the sweep - the second does not go on with it', async () => {
    const house = await House.build(4, gate);
    const first = standBy(house);
    await house.worker();
    await house.until('a trial runs', (trials) => count(trials, 'running') === 1);
    const second = standBy(house);
    await says(second, /standing by/);
    expect((await house.coordinator('stop', 'house').ended).code).toBe(0);
    expect((await first.ended).code).toBe(0);
    const { code, output } = await second.ended;
    expect(code).toBe(0);
    expect(output).toMatch(/sweep house \(\w{8}\) is stopped: stopped by a user/);
  }, 240_000);
});
