import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Trial } from '../../src/sweep/trial.js';
import { natsProgram } from '../support/nats.js';
import { count, eventually, House, no, type Program } from './house.js';

const two = 'space: { x: { int: [0, 5] } }\nsearch: { sampler: grid }\nobjectives: { y: maximize }\n';

async function serving(house: House, ...flags: string[]): Promise<Program> {
  const program = house.coordinator('serve', '--no-dashboard', ...flags);
  await saysOnce(program, /ready/);
  return program;
}

async function saysOnce(program: Program, text: RegExp): Promise<string> {
  return await eventually(`it says ${String(text)}`, () =>
    Promise.resolve(text.exec(program.output)?.[0] ?? no(program.output + program.errors)),
  );
}

async function submit(house: House, file: string): Promise<string> {
  const { code, output, errors } = await house.coordinator('submit', join(house.directory, file)).ended;
  expect(errors).toBe('');
  expect(code).toBe(0);
  return output;
}

async function trialsOf(house: House, name: string): Promise<Trial[]> {
  const store = await house.store();
  return await store.trials((await store.findSweep(name))?.id ?? no(`no sweep ${name}`));
}

describe.skipIf(!natsProgram)('serve', () => {
  it('two sweeps - share two slots fairly, go on after kill -9 with what was changed, and end apart', async () => {
    const house = await House.build(6, 'fixed: { mode: gate }');
    await house.write('other.yaml', `name: other\ntrainable: ./objective.js\nfixed: { mode: gate }\n${two}`);
    const first = await serving(house);
    expect(await submit(house, 'sweep.yaml')).toMatch(/^sweep house \(\w{8}\) begins/);
    expect(await submit(house, 'other.yaml')).toMatch(/^sweep other \(\w{8}\) begins/);
    expect(await submit(house, 'other.yaml')).toMatch(/runs already/);
    await house.worker({ name: 'one' });
    await house.worker({ name: 'two' });
    const oneEach = (): Promise<void> =>
      eventually('one trial of each runs', async () => {
        const running = await Promise.all(
          ['house', 'other'].map(async (name) => count(await trialsOf(house, name), 'running')),
        );
        if (running.join() !== '1,1') no(running.join());
      });
    await oneEach();
    const changed = await house.coordinator('set', 'other', 'trials=3').ended;
    expect(changed.output).toContain('trials: no limit -> 3');
    await first.kill();
    const second = await serving(house);
    await oneEach();
    await house.openGate();
    await saysOnce(second, /sweep house \(\w{8}\) is completed/);
    await saysOnce(second, /sweep other \(\w{8}\) is completed/);
    expect(count(await trialsOf(house, 'house'), 'completed')).toBe(6);
    expect(await trialsOf(house, 'other')).toHaveLength(3);
    const again = await submit(house, 'sweep.yaml');
    expect(again).toContain('is finished');
    second.send('SIGTERM');
    expect((await second.ended).code).toBe(0);
  }, 150_000);

  it('a bad file - is refused with its problems; without a coordinator that stays `submit` says so', async () => {
    const house = await House.build(2);
    const nobody = await house.coordinator('submit', 'sweep.yaml').ended;
    expect([nobody.code, nobody.errors]).toEqual([
      1,
      expect.stringContaining('`coordinator serve` starts one'),
    ]);
    const program = house.coordinator('serve', '--port', '0');
    await saysOnce(program, /ready/);
    const [, url] = /dashboard: (\S+)/.exec(program.output) ?? no(program.output);
    const post = (body: unknown): Promise<Response> =>
      fetch(`${url}api/v1/sweeps`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const bad = await post({
      source: 'name: bad\ntrainable: ./objective.js\nspace: { x: { int: [5, 0] } }\n',
    });
    expect(bad.status).toBe(400);
    const text = await bad.text();
    expect(text).toContain('objectives');
    expect(text).toContain('can not be run');
    await house.write('bad.yaml', 'name: bad\n');
    expect((await house.coordinator('submit', join(house.directory, 'bad.yaml')).ended).code).toBe(2);
    const source = `name: good\ntrainable: ./objective.js\n${two}`;
    const good = await post({ source, baseDirectory: house.directory });
    expect(good.status).toBe(201);
    expect(await good.json()).toMatchObject({ name: 'good', state: 'begins' });
    expect((await post({ source, baseDirectory: house.directory })).status).toBe(200);
    await house.worker();
    await saysOnce(program, /sweep good \(\w{8}\) is completed/);
  }, 90_000);
});
