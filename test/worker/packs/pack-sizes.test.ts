import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PackSizes } from '../../../src/worker/packs/pack-sizes.js';
import { scratchDirectory } from '../test-agent.js';

describe('PackSizes', () => {
  it('packs - a size is remembered for its key and device', async () => {
    const directory = await scratchDirectory();
    const sizes = await PackSizes.open(directory, 'wasm');
    expect(sizes.find('a')).toBeUndefined();
    sizes.note('a', 6);
    expect(sizes.find('a')).toBe(6);
    await sizes.written();
    expect((await PackSizes.open(directory, 'wasm')).find('a')).toBe(6);
    expect((await PackSizes.open(directory, 'webgpu')).find('a')).toBeUndefined();
  });

  it('packs - a size that was limited is no answer where more may come', () => {
    const sizes = new PackSizes();
    sizes.note('a', 3, 3);
    expect([sizes.find('a', 2), sizes.find('a', 3), sizes.find('a', 4), sizes.find('a')]).toEqual([
      3,
      3,
      undefined,
      undefined,
    ]);
    sizes.note('b', 2, 3);
    expect(sizes.find('b')).toBe(2);
    expect(sizes.announced).toEqual([
      { key: 'a', size: 3 },
      { key: 'b', size: 2 },
    ]);
  });

  it('packs - two workers of one machine keep what the other has found; a broken file is none', async () => {
    const directory = await scratchDirectory();
    const [one, two] = [await PackSizes.open(directory, 'wasm'), await PackSizes.open(directory, 'wasm')];
    one.note('a', 6);
    await one.written();
    two.note('b', 4);
    await two.written();
    const later = await PackSizes.open(directory, 'wasm');
    expect([later.find('a'), later.find('b')]).toEqual([6, 4]);
    const [file = ''] = await readdir(directory);
    await writeFile(join(directory, file), '{ "a": ');
    expect((await PackSizes.open(directory, 'wasm')).find('a')).toBeUndefined();
  });
});
