import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { count, House } from './house.js';

describe.skipIf(!natsProgram)('failing', () => {
  it('a bad machine - is put into quarantine, and what failed there completes elsewhere', async () => {
    // Without a retry that counts: each failure there would be the end of its trial.
    const house = await House.build(120, 'fixed: { mode: machine }\ntrial: { retries: 0 }');
    const coordinator = house.start('--no-worker');
    const good = await house.worker({ name: 'good' });
    const bad = await house.worker({ name: 'bad', environment: { BAD_MACHINE: 'yes' } });
    const { code, errors } = await coordinator.ended;
    expect(code).toBe(0);
    expect(errors).toMatch(
      /quarantine of worker bad-\w+: \d+ of its last \d+ attempts failed, elsewhere 0 of \d+/,
    );
    expect(count(await house.trials(), 'completed')).toBe(120);
    const { id } = await house.sweep();
    const decisions = await (await house.store()).decisions(id);
    expect(decisions.filter(({ action }) => action === 'quarantine')).toHaveLength(1);
    expect(decisions.some(({ reason }) => /its failure at bad-\w+ does not count/.test(reason))).toBe(true);
    // It did not go on failing trials.
    const attempts = (await house.lines('begun.log')).length - 120;
    expect(attempts).toBeLessThanOrEqual(12);
    await Promise.all([good, bad].map((worker) => worker.kill('SIGTERM')));
  }, 60_000);

  it('everything fails alike - the sweep ends soon and says why, and goes on when that is put right', async () => {
    const house = await House.build(60, 'fixed: { mode: crash }');
    const { code, errors } = await house.start().ended;
    expect(code).toBe(3);
    expect(errors).toMatch(
      /is failed: the first 10 attempts, of \d+ trials, failed alike \(crash: Error: crashed at \d+\)/,
    );
    expect((await house.lines('begun.log')).length).toBeLessThanOrEqual(14);
    expect(count(await house.trials(), 'completed')).toBe(0);
    const before = (await house.sweep()).id;
    await house.write('objective.js', 'export default ({ x }) => ({ y: x });\n');
    const after = await house.start('--retry-failed').ended;
    expect(after.code).toBe(0);
    expect((await house.sweep()).id).toBe(before);
    expect(count(await house.trials(), 'completed')).toBe(60);
  }, 60_000);
});
