import { Option, type Command } from 'commander';
import { nearestName } from '../../../sweep/nearest.js';
import type { Trial } from '../../../sweep/trial.js';
import { openStore, type StoreOptions } from '../../../store/open-store.js';
import type { SweepRecord, SweepStore, TrialQuery } from '../../../store/sweep-store.js';
import { dataDirectory } from '../../../support/directories.js';
import { UsageError } from '../../../support/errors.js';

/** Flags of every command that reads what is stored. */
export interface StoreFlags {
  readonly dir?: string;
  readonly database?: string;
}

export function addStoreFlags(command: Command): Command {
  return command
    .option('--dir <directory>', 'where sweeps are stored (default: SWEEPYARD_DIR, else .sweepyard)')
    .addOption(
      // Not with its value in the help: it holds a password.
      new Option(
        '--database <url>',
        'the PostgreSQL database of the sweeps, postgresql://user:password@host:port/name, instead of a file in the ' +
          'directory (default: SWEEPYARD_DATABASE)',
      ),
    );
}

/** The store that the flags and the environment name. */
export function storeOptions({ dir, database }: StoreFlags): StoreOptions {
  const url = database ?? process.env['SWEEPYARD_DATABASE'];
  return { directory: dataDirectory(dir), ...(url ? { database: url } : {}) };
}

/** Opens the store to look at it, and closes it whatever happens. */
export async function withStore<T>(flags: StoreFlags, use: (store: SweepStore) => Promise<T>): Promise<T> {
  const store = await openStore({ ...storeOptions(flags), readOnly: true });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** The sweep of that name or id; the newest one where none is named. */
export async function findStoredSweep(store: SweepStore, reference?: string): Promise<SweepRecord> {
  if (reference !== undefined) {
    const found = await store.findSweep(reference);
    if (found) return found;
  }
  const sweeps = await store.listSweeps();
  const [newest] = sweeps;
  if (reference === undefined && newest) return newest;
  if (!newest) {
    throw new UsageError(
      reference === undefined
        ? 'no sweep is stored here yet'
        : `there is no sweep "${reference}": none is stored here yet`,
    );
  }
  const names = [...new Set(sweeps.map(({ definition }) => definition.name))];
  const nearest = nearestName(reference ?? '', [...names, ...sweeps.map(({ id }) => id)]);
  const hint =
    nearest === undefined ? `; there are ${names.slice(0, 10).join(', ')}` : `; did you mean "${nearest}"?`;
  throw new UsageError(
    `there is no sweep "${reference}"${names.length > 10 && nearest === undefined ? `${hint}, ...` : hint}`,
  );
}

const pageSize = 2000;

/** Trials of a sweep in pages, so that a large sweep need not be in memory at once. */
export async function* trialPages(
  store: SweepStore,
  sweepId: string,
  query: TrialQuery = {},
): AsyncGenerator<Trial[]> {
  const end = query.limit ?? Infinity;
  for (let offset = 0; offset < end; offset += pageSize) {
    const limit = Math.min(pageSize, end - offset);
    const page = await store.trials(sweepId, { ...query, offset: (query.offset ?? 0) + offset, limit });
    if (page.length > 0) yield page;
    if (page.length < limit) return;
  }
}

export async function allTrials(
  store: SweepStore,
  sweepId: string,
  query: TrialQuery = {},
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for await (const page of trialPages(store, sweepId, query)) trials.push(...page);
  return trials;
}
