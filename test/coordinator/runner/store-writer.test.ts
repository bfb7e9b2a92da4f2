import { describe, expect, it } from 'vitest';
import { StoreWriter, WriteAbandonedError } from '../../../src/coordinator/runner/store-writer.js';

describe('store writer', () => {
  it('store writer - tries again until it works, in order, and says so once', async () => {
    const said: string[] = [];
    const writer = new StoreWriter((line) => said.push(line));
    const written: string[] = [];
    let failures = 2;
    const first = writer.run('results', () => {
      if (failures-- > 0) return Promise.reject(new Error('disk full'));
      written.push('first');
      return Promise.resolve(1);
    });
    const second = writer.run('workers', () => Promise.resolve(written.push('second')));
    expect(await first).toBe(1);
    await second;
    expect(written).toEqual(['first', 'second']);
    expect(said).toEqual([
      'the store does not take results, trying again: disk full',
      'the store takes results again',
    ]);
  });

  it('store writer - gives up at once when it is told to', async () => {
    const writer = new StoreWriter(() => undefined);
    const never = writer.run('results', () => Promise.reject(new Error('away')));
    const next = writer.run('results', () => Promise.resolve());
    writer.abandon();
    await expect(never).rejects.toBeInstanceOf(WriteAbandonedError);
    await expect(next).rejects.toBeInstanceOf(WriteAbandonedError);
    await writer.idle();
  });
});
