import { describe, expect, it } from 'vitest';
import { AttemptLog } from '../../src/worker/attempt-log.js';
import { natsProgram } from '../support/nats.js';
import { moduleFixture, startTestAgent } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';

describe('the log of an attempt', () => {
  it('log - lines go with the next report, each once', () => {
    const log = new AttemptLog();
    expect(log.taken(false)).toEqual({});
    log.add('a\nb');
    expect(log.taken(false)).toEqual({ log: ['a', 'b'] });
    expect(log.taken(false)).toEqual({});
    log.add('c');
    expect(log.taken(true)).toEqual({ log: ['c'] });
  });

  it('log - of a program that prints without end the first and the last lines are kept', () => {
    const log = new AttemptLog();
    for (let i = 0; i < 100_000; i++) log.add(`line ${i}`);
    const begin = log.taken(false).log ?? [];
    expect(begin[0]).toBe('line 0');
    const end = log.taken(true).log ?? [];
    expect(end.at(-1)).toBe('line 99999');
    expect(end[0]).toBe(`(${100_000 - begin.length - end.length + 1} lines left out)`);
    expect([...begin, ...end].join('\n').length).toBeLessThan(33_000);
    expect(log.taken(true)).toEqual({});
  });

  it('log - a line is cut, so that no message is too large', () => {
    const log = new AttemptLog();
    log.add('x'.repeat(1e6));
    expect(log.taken(true).log).toEqual(['x'.repeat(1000)]);
  });
});

describe.skipIf(!natsProgram)('logs and packs on their way to the coordinator', () => {
  it('log - what a program prints comes with its reports and its result, a failed one too', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    const script = `
      console.log('reads data');
      console.log('REPORT {"loss": 0.5}');
      console.log('almost');
      console.error('no such file');
      process.exit(3);`;
    await coordinator.assign({ kind: 'command', command: [process.execPath, '-e', script] }, [{}]);
    expect(await coordinator.result(0)).toMatchObject({ kind: 'failed' });
    const [, report, result] = coordinator.of(0);
    // The two streams of a program are read apart: which comes first is not said.
    expect([...(report?.log ?? []), ...(result?.log ?? [])].sort()).toEqual([
      'almost',
      'no such file',
      'reads data',
    ]);
    expect(report?.log?.[0]).toBe('reads data');
  });

  it('pack - who trains with whom is said when it starts', async () => {
    const coordinator = await TestCoordinator.start();
    coordinator.answer = ({ numbers }) => coordinator.grant(numbers.filter((number) => number !== 1));
    await startTestAgent(coordinator);
    await coordinator.assign(moduleFixture('pack.ts'), [{ steps: 2 }, { steps: 2 }, { steps: 2 }]);
    await coordinator.assign(moduleFixture('pack.ts'), [{ steps: 2 }], { first: 3 });
    for (const number of [0, 2, 3]) await coordinator.result(number);
    expect(coordinator.of(2)[0]).toMatchObject({ kind: 'started', pack: [0, 2] });
    expect(coordinator.of(3)[0]).not.toHaveProperty('pack');
  });
});
