import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../dist/coordinator/cli/main.js', import.meta.url));

export interface Said {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs the built coordinator as a user would, without a terminal. */
export function coordinator(args: readonly string[], cwd?: string): Promise<Said> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { ...(cwd === undefined ? {} : { cwd }), maxBuffer: 64 * 2 ** 20 },
      (error, output, errors) => resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors }),
    );
  });
}
