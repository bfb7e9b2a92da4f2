import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/build-native.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sweepyard-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

function build(...flags: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...flags, join(folder, 'x.node')], {
    encoding: 'utf8',
    env: { ...process.env, CC: join(folder, 'no-such-compiler') },
  });
  return { status, output: stdout + stderr };
}

test('kernels - without a compiler the build at install is silent and ends well', () => {
  expect(build()).toEqual({ status: 0, output: '' });
  expect(existsSync(join(folder, 'x.node'))).toBe(false);
});

test('kernels - with --verbose it says what is missing', () => {
  expect(build('--verbose').output).toMatch(
    /^native kernels were not built: no C compiler: .*no-such-compiler/,
  );
});
