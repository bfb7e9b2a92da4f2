import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { median } from '../benchmark.js';
import type { SearchCase } from './cases.js';
import { codeVersion, Ledger } from './ledger.js';
import { makePeerRuns, peerScript, type PeerRun, type PeerSamplers } from './peer-runs.js';
import type { SearchTask } from './search-task.js';

/** What was run, and what is to be. */
export class Results {
  private readonly ledger: Ledger;
  private readonly ours: string;
  private readonly peers = codeVersion([peerScript]);

  constructor(
    file: string,
    root: string,
    private readonly seeds: number,
    private readonly say: (line: string) => void,
  ) {
    this.ledger = new Ledger(file);
    const bench = ['cases', 'problems', 'fronts', 'search-run', 'search-task'].map((name) =>
      join(root, 'bench', 'search', `${name}.ts`),
    );
    this.ours = codeVersion([join(root, 'src', 'coordinator', 'search'), ...bench]);
  }

  /** By mark: the median of the seeds that were run; undefined where none was. */
  medians(who: string, entry: SearchCase, sampler: string): readonly number[] | undefined {
    const found = Array.from({ length: this.seeds }, (_, i) =>
      this.ledger.get(this.key(who, entry.name, sampler, i + 1)),
    ).filter((figures) => figures !== undefined);
    if (found.length === 0) return undefined;
    return entry.marks.map((_, mark) => median(found.map((figures) => figures[mark] ?? NaN)));
  }

  async makeOurs(tasks: readonly SearchTask[], stop: AbortSignal): Promise<void> {
    const missing = tasks.filter(
      ({ case: name, sampler, seed }) => !this.ledger.get(this.key('ours', name, sampler, seed)),
    );
    if (missing.length === 0) return;
    this.say(`${missing.length} runs of ours`);
    // Every run that waits listens.
    setMaxListeners(0, stop);
    const pool = new Piscina<SearchTask, readonly number[]>({
      filename: fileURLToPath(new URL('./search-task.ts', import.meta.url)),
      name: 'runSearchTask',
    });
    try {
      await Promise.all(
        missing.map(async (task) => {
          const figures = await pool.run(task, { signal: stop });
          this.ledger.add(this.key('ours', task.case, task.sampler, task.seed), figures);
          this.say(`${task.case}, ${task.sampler}, seed ${task.seed}: ${shown(figures)}`);
        }),
      );
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      await pool.destroy();
    }
  }

  async makePeers(
    python: string,
    peer: PeerSamplers,
    runs: readonly PeerRun[],
    stop: AbortSignal,
  ): Promise<void> {
    const keyOf = (run: PeerRun): string => this.key(peer.version, run.case.name, run.sampler, run.seed);
    const missing = runs.filter((run) => !this.ledger.get(keyOf(run)));
    if (missing.length === 0 || stop.aborted) return;
    this.say(`${missing.length} runs of Optuna ${peer.version}`);
    const done = (run: PeerRun, figures: readonly number[]): void => {
      this.ledger.add(keyOf(run), figures);
      this.say(`Optuna: ${run.case.name}, ${run.sampler}, seed ${run.seed}: ${shown(figures)}`);
    };
    await makePeerRuns(python, missing, done, stop);
  }

  private key(who: string, name: string, sampler: string, seed: number): string {
    return [who === 'ours' ? `ours ${this.ours}` : `Optuna ${who} ${this.peers}`, name, sampler, seed].join(
      ' | ',
    );
  }
}

export function shown(figures: readonly number[]): string {
  return figures.map((value) => value.toFixed(2)).join(' / ');
}
