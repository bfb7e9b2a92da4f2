/** The worker's own lines, on standard error: standard output belongs to what users' modules print. */
export interface Log {
  /** What a user wants to know who did not ask: the start, the end, what went wrong. */
  readonly say: (text: string) => void;
  /** Only with `--verbose`. */
  readonly detail: (text: string) => void;
}

export function createLog(verbose: boolean): Log {
  const write = (text: string): void => {
    const time = verbose ? `${new Date().toISOString().slice(11, 23)} ` : '';
    process.stderr.write(`${time}worker: ${text}\n`);
  };
  return { say: write, detail: verbose ? write : () => undefined };
}
