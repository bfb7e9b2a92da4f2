/** One measured figure beside the peer's from the same run. */
export interface BenchmarkRow {
  /** What was measured, e.g. `no-op trials a second, 1,000 trials`. */
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** Absent where no peer could be run here; `notes` says why. */
  readonly peer?: number;
  /** How much better ours is: above 1 is better, whichever way the unit counts. */
  readonly ratio?: number;
  /** The figure to reach, and whether `ours` reaches it. */
  readonly reach?: number;
  readonly met?: boolean;
}

export interface BenchmarkResult {
  readonly benchmark: string;
  readonly rows: readonly BenchmarkRow[];
  /** What a reader must know: versions, machine, what could not be run. */
  readonly notes: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  /** One line for `npm run bench` without a name. */
  readonly about: string;
  /** Flags with a value, and what each means. */
  readonly flags?: Readonly<Record<string, string>>;
  /** `say` is for progress; it goes to standard error. `flags` has those that were given. */
  run(say: (line: string) => void, flags: Readonly<Record<string, string>>): Promise<BenchmarkResult>;
}

/** A flag or name that a benchmark does not know, or a value it can't use. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Completes a row: ratio and met follow from the figures. */
export function row(
  figures: Pick<BenchmarkRow, 'what' | 'unit' | 'ours'> & {
    readonly peer?: number | undefined;
    readonly reach?: number;
  },
  better: 'higher' | 'lower',
): BenchmarkRow {
  const { what, unit, ours, peer, reach } = figures;
  const higher = better === 'higher';
  return {
    what,
    unit,
    ours: rounded(ours),
    ...(peer === undefined
      ? {}
      : { peer: rounded(peer), ratio: rounded(higher ? ours / peer : peer / ours) }),
    ...(reach === undefined ? {} : { reach, met: higher ? ours >= reach : ours <= reach }),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('median of no values');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** A table for people. */
export function formatResult(result: BenchmarkResult): string {
  const header = ['what', 'unit', 'ours', 'peer', 'ratio', 'reach', 'met'];
  const cells = result.rows.map((r) => [
    r.what,
    r.unit,
    String(r.ours),
    String(r.peer ?? ''),
    r.ratio === undefined ? '' : `${r.ratio}x`,
    String(r.reach ?? ''),
    r.met === undefined ? '' : r.met ? 'yes' : 'no',
  ]);
  const widths = header.map((name, i) => Math.max(name.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const lines = [header, widths.map((width) => '-'.repeat(width)), ...cells].map((line) =>
    line
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [`${result.benchmark}`, '', ...lines, '', ...result.notes.map((note) => `- ${note}`)].join('\n');
}
