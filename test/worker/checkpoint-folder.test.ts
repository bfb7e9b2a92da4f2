import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packFolder, unpackFolder } from '../../src/worker/trainables/command/checkpoint-folder.js';

describe('checkpoint folder', () => {
  let scratch: string;
  let from: string;
  let to: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'sweepyard-test-'));
    [from, to] = [join(scratch, 'from'), join(scratch, 'to')];
    for (const folder of [from, to]) mkdirSync(folder);
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it('checkpoint folder - a link to a file is kept as that file', async () => {
    writeFileSync(join(from, 'epoch-3.pt'), 'weights');
    symlinkSync('epoch-3.pt', join(from, 'last.pt'));
    symlinkSync('nowhere', join(from, 'broken.pt'));
    await unpackFolder(await packFolder(from, 1_000), to);
    expect(readdirSync(to).sort()).toEqual(['epoch-3.pt', 'last.pt']);
    expect(readFileSync(join(to, 'last.pt'), 'utf8')).toBe('weights');
  });

  it('checkpoint folder - names may begin with two dots, and lead nowhere else', async () => {
    mkdirSync(join(from, '..more'));
    writeFileSync(join(from, '..state'), 'a');
    writeFileSync(join(from, '..more', 'b'), 'b');
    const packed = await packFolder(from, 1_000);
    await unpackFolder(packed, to);
    expect(readFileSync(join(to, '..state'), 'utf8')).toBe('a');
    expect(readFileSync(join(to, '..more', 'b'), 'utf8')).toBe('b');
    // The same bytes with a name of the same length that leads out of the folder.
    const outside = Buffer.from(
      Buffer.from(packed).toString('latin1').replace('..state', '../tate'),
      'latin1',
    );
    await expect(unpackFolder(outside, to)).rejects.toThrow('a checkpoint names the file ../tate');
  });
});
