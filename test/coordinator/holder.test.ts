import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { describeHolder, holderName, isGone } from '../../src/coordinator/holder.js';

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

const withPid = (holder: string, pid: number): string => holder.replace(/:\d+$/, `:${pid}`);

describe('holder of a lease', () => {
  it('a process of this machine - is gone when it has ended', async () => {
    expect(isGone(holderName())).toBe(false);
    expect(isGone(withPid(holderName(), await deadProcess()))).toBe(true);
  });

  it('a machine of the same name - is not this one: nothing is known of its processes', async () => {
    const other = holderName().replace(/\/\w+:/, '/0123456789ab:');
    expect(other).not.toBe(holderName());
    expect(isGone(withPid(other, await deadProcess()))).toBe(false);
    expect(isGone(withPid('old-name', 0))).toBe(false);
  });

  it('for a user - is a host and a process', () => {
    expect(describeHolder('trainer:1/0123456789ab:77')).toBe('on trainer:1, process 77');
    expect(describeHolder('trainer:77')).toBe('on trainer, process 77');
  });
});
