import type { SweepRecord, SweepStore } from '../../../store/sweep-store.js';
import { SweepState } from '../../../store/sweep-store.js';
import type { WorkersAnswer, WorkerView } from '../../api/workers.js';
import { quarantineOf } from '../quarantine.js';
import type { Tables } from '../table/tables.js';
import { code, type TrialTable } from '../table/trial-table.js';

/** How many running sweeps are looked at: each has its table. */
const mostSweeps = 5;

interface Doing {
  readonly runs: WorkerView['runs'];
  ended: number;
  failed: number;
}

/** All workers, what each does for the sweeps that run, and how that goes. */
export async function fleet(store: SweepStore, tables: Tables): Promise<WorkersAnswer> {
  const [workers, sweeps] = await Promise.all([store.listWorkers(), store.listSweeps()]);
  const running = sweeps.filter(({ state }) => state === SweepState.Running).slice(0, mostSweeps);
  const doing = new Map<string, Doing>();
  const quarantine = new Map<string, WorkerView['quarantine']>();
  for (const sweep of running) {
    addDoing(doing, sweep, (await tables.fresh(sweep)).table);
    for (const [worker, reason] of await quarantineOf(store, sweep)) {
      const known = quarantine.get(worker) ?? [];
      quarantine.set(worker, [...known, { sweep: sweep.id, name: sweep.definition.name, reason }]);
    }
  }
  return {
    now: Date.now(),
    workers: workers.map((worker) => {
      const { runs = [], ended = 0, failed = 0 } = doing.get(worker.id) ?? {};
      return { ...worker, runs, ended, failed, quarantine: quarantine.get(worker.id) ?? [] };
    }),
  };
}

function addDoing(doing: Map<string, Doing>, sweep: SweepRecord, table: TrialTable): void {
  const ids = (table.worker.categories ?? []).map(String);
  const of = ids.map((id) => {
    const known = doing.get(id) ?? { runs: [], ended: 0, failed: 0 };
    doing.set(id, known);
    return known;
  });
  for (let row = 0; row < table.size; row++) {
    const worker = of[table.worker.values[row] as number];
    if (!worker) continue;
    const state = table.state.values[row];
    if (state === code.running) {
      worker.runs.push({ sweep: sweep.id, name: sweep.definition.name, number: row });
    } else if (state === code.completed || state === code.pruned) worker.ended++;
    else if (state === code.failed) {
      worker.ended++;
      worker.failed++;
    }
  }
}
