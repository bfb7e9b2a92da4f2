import { once } from 'node:events';

/** Where a command writes: standard output and error, or what a test hands in. */
export interface Output {
  /** Results. Resolves when more can be written. */
  write(text: string): Promise<void>;
  /** Remarks beside the results, for people. */
  remark(text: string): void;
  /** Columns of the terminal; undefined where results go to a file or another program, which get all of it. */
  readonly width?: number;
}

/** Standard output and error. A reader that has seen enough (`| head`) is no error. */
export function terminalOutput(): Output {
  const { stdout, stderr } = process;
  let closed = false;
  const onError = (): void => {
    closed = true;
  };
  let listening = false;
  return {
    write: async (text) => {
      if (!listening) stdout.on('error', onError);
      listening = true;
      if (closed || text === '') return;
      if (stdout.write(text)) return;
      try {
        await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]);
      } catch (error) {
        // `once` rejects with what `onError` is told too.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      }
    },
    remark: (text) => {
      stderr.write(`${text}\n`);
    },
    ...(stdout.isTTY ? { width: Math.max(40, stdout.columns || 80) } : {}),
  };
}
