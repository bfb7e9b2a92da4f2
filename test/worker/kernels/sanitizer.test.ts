import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const script = (name: string): string => fileURLToPath(new URL(`../../../scripts/${name}`, import.meta.url));
const clang = spawnSync('clang-19', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const linker = spawnSync('wasm-ld-19', ['--version']).status === 0;
/** Another clang gives other bytes. */
const builtWith = 'clang version 19.1.7';

// Skipped where there is no clang (Debian: clang-19 lld-19 libclang-rt-19-dev).
describe.skipIf(clang === '')('kernels - under clang', () => {
  test('no access outside of the tensors, no undefined behaviour, nothing read before it is written', () => {
    const { stdout, stderr, status } = spawnSync(script('sanitize-kernels.sh'), ['60'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^baseline: 60 calls$/m);
  }, 240_000);

  test.skipIf(!clang.includes(builtWith) || !linker)(
    'the WebAssembly that is shipped is what its source gives',
    () => {
      const { stdout, stderr, status } = spawnSync(script('build-kernels.sh'), ['--check'], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status, stdout).toBe(0);
    },
    60_000,
  );
});
