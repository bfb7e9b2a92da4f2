import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const coordinator = fileURLToPath(new URL('../../../dist/coordinator/cli/main.js', import.meta.url));
const worker = fileURLToPath(new URL('../../../dist/worker/cli/main.js', import.meta.url));

describe('closed output', () => {
  it.each([
    ['coordinator --help', coordinator],
    ['worker --help', worker],
  ])('%s - a reader that leaves at once is no error', (_name, program) => {
    const script = 'set -o pipefail; "$0" "$1" --help | true; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, program], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('0\n');
  });
});
