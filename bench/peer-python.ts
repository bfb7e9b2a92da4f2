import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/**
 * A Python of the peer's own, under `build/peers/` (not in git), with these packages in it.
 * Undefined, with the reason said, where Python or its package index is out of reach.
 */
export function peerPython(
  name: string,
  packages: readonly string[],
  say: (line: string) => void,
): string | undefined {
  const home = join(root, 'build', 'peers', name);
  const python = join(home, 'bin', 'python');
  const ready = join(home, 'installed');
  if (existsSync(ready)) return python;
  say(`installing the peer ${packages.join(', ')} into build/peers/${name}`);
  mkdirSync(dirname(home), { recursive: true });
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', home]],
    [python, ['-m', 'pip', 'install', '--quiet', ...packages]],
  ];
  for (const [program, args] of steps) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) {
      say(
        `no peer ${name}: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? `${program} ended with ${status}`}`,
      );
      return undefined;
    }
  }
  mkdirSync(ready);
  return python;
}

/** Runs a script of `bench/peers` and reads the one JSON line it prints. Throws with its last words when it fails. */
export function runPeer(python: string, script: string, args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(python, [join(here, 'peers', script), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`bench/peers/${script} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout);
}
