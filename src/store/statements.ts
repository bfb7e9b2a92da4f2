import type { Dialect } from './dialect.js';
import { attemptColumns, decisionColumns, logColumns, reportColumns } from './event-rows.js';
import type { Columns } from './rows.js';
import { workerColumns } from './sweep-rows.js';
import { addedColumns, changedColumns, objectiveColumns, progressColumns } from './trial-rows.js';

export const numberColumn = { number: 'integer' } as const satisfies Columns;

/** The statements that are written for speed. `$1` is the sweep, `$2` the rows; workers are of no sweep. */
export interface Statements {
  readonly lockTally: string;
  readonly addToTally: string;
  readonly trialNumbers: string;
  readonly progress: string;
  readonly addTrials: string;
  /** By how many objectives the sweep has in columns: an index is written anew even where its column stays as it was. */
  readonly changeTrials: readonly string[];
  readonly upsertAttempts: string;
  readonly addReports: string;
  readonly addLogs: string;
  readonly addDecisions: string;
  readonly upsertWorkers: string;
  /** A condition: the rows of the sweep `$1` whose trial is among the numbers `$2`. */
  readonly listed: string;
  /** `rest` follows FROM: a table with its conditions and order. The result is one row with one column, `text`. */
  read(columns: Columns, rest: string): string;
}

export function statementsFor(dialect: Dialect): Statements {
  const rows = (columns: Columns): string => `${dialect.rowsOf('$2', columns)} AS r`;
  // Chosen first: PostgreSQL would make the text of every row before it sorts and takes a few.
  const read = (columns: Columns, rest: string): string =>
    dialect.statement(
      `SELECT ${dialect.rowsText} AS text FROM (SELECT ${dialect.rowText(columns)} AS entry
       FROM (SELECT ${Object.keys(columns).join(', ')} FROM ${rest}) AS chosen) AS page`,
    );
  const insert = (table: string, columns: Columns, extra: Readonly<Record<string, string>> = {}): string => {
    const names = Object.keys(columns);
    const into = ['sweep_id', ...names, ...Object.keys(extra)].join(', ');
    const from = ['$1', ...names.map((name) => `r.${name}`), ...Object.values(extra)].join(', ');
    // `WHERE true` tells SQLite that ON CONFLICT is no join condition.
    return `INSERT INTO ${table} (${into}) SELECT ${from} FROM ${rows(columns)} WHERE true`;
  };
  const listed = `WHERE sweep_id = $1 AND number IN (SELECT number FROM ${rows(numberColumn)})`;
  const statement = (sql: string): string => dialect.statement(sql);
  return {
    lockTally: statement(
      `SELECT revision, decision, epoch FROM sweep_tally WHERE sweep_id = $1 ${dialect.forUpdate}`,
    ),
    addToTally: statement(
      `UPDATE sweep_tally SET revision = revision + $2, decision = decision + $3, queued = queued + $4,
       running = running + $5, paused = paused + $6, completed = completed + $7, pruned = pruned + $8,
       failed = failed + $9, cancelled = cancelled + $10 WHERE sweep_id = $1`,
    ),
    trialNumbers: read(numberColumn, `trial ${listed}`),
    progress: read(progressColumns, `trial ${listed}`),
    addTrials: statement(`${insert('trial', addedColumns, { state: `'queued'` })} ON CONFLICT DO NOTHING`),
    changeTrials: Array.from({ length: objectiveColumns.length + 1 }, (_, objectives) =>
      statement(changeTrials(dialect, objectives)),
    ),
    upsertAttempts: statement(
      `${insert('attempt', attemptColumns)} ON CONFLICT (sweep_id, number, attempt) DO UPDATE SET
       finished_at = excluded.finished_at, outcome = excluded.outcome,
       failure_class = excluded.failure_class, failure_message = excluded.failure_message
       WHERE attempt.outcome IS NULL`,
    ),
    addReports: statement(`${insert('report', reportColumns)} ON CONFLICT DO NOTHING`),
    addLogs: statement(`${insert('log', logColumns)} ON CONFLICT DO NOTHING`),
    addDecisions: statement(`${insert('decision', decisionColumns)} ON CONFLICT DO NOTHING`),
    upsertWorkers: statement(upsertWorkers(dialect)),
    listed,
    read,
  };
}

function upsertWorkers(dialect: Dialect): string {
  const names = Object.keys(workerColumns);
  const changes = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO worker (${names.join(', ')}) SELECT ${names.join(', ')}
    FROM ${dialect.rowsOf('$1', workerColumns)} AS r WHERE true
    ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')}`;
}

function changeTrials(dialect: Dialect, objectives: number): string {
  const unused: readonly string[] = objectiveColumns.slice(objectives);
  const changes = Object.keys(changedColumns).filter((name) => name !== 'number' && !unused.includes(name));
  // Were it not materialized, SQLite would go through all trials of the sweep and look for each in the JSON.
  return `WITH r AS MATERIALIZED (SELECT * FROM ${dialect.rowsOf('$2', changedColumns)} AS r)
    UPDATE trial SET ${changes.map((name) => `${name} = r.${name}`).join(', ')}
    FROM r WHERE trial.sweep_id = $1 AND trial.number = r.number`;
}
