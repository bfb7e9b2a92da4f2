import { useEffect, useMemo, useState } from 'preact/hooks';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../../../sweep/trial.js';
import { axisNames } from '../data/axis.js';
import { count } from '../data/format.js';
import { sortTrials } from '../data/trial-rows.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';
import { TrialsTable, type TableColumn } from './trials-table.js';
import { barOrder } from './state-bar.js';

const pageRows = 25;
/** Metrics in the table: objectives and what matters next; the rest is in the trial's own view. */
const mostMetrics = 5;

interface TrialsSectionProps extends SectionProps {
  readonly metrics: readonly string[];
  /** While it runs, what happens stands first; afterwards, what is best. */
  readonly running: boolean;
  readonly counts: Readonly<Record<TrialState, number>>;
}

/** All trials: sorted, filtered by state, a page at a time. */
export function TrialsSection({
  definition,
  trials,
  metrics,
  running,
  counts,
  view,
  onView,
  onOpen,
}: TrialsSectionProps) {
  const state = Object.values(TrialState).find((known) => known === view.state);
  const sort = view.sort ?? defaultSort(definition, running);
  const columns = useMemo(() => tableColumns(metrics, axisNames(definition)), [metrics, definition]);
  const rows = useMemo(() => rowsOf(trials, state, sort), [trials, state, sort]);
  const [page, setPage] = useState(0);
  useEffect(() => setPage(0), [state, sort]);

  const pages = Math.max(1, Math.ceil(rows.length / pageRows));
  const present = Math.min(page, pages - 1);
  const first = present * pageRows;
  return (
    <section class="panel trials" aria-label="Trials" data-rows={rows.length}>
      <div class="panel-head">
        <h2>Trials</h2>
        <Select
          label="state"
          value={state ?? ''}
          options={[
            ['', `all (${trials.length})`],
            ...barOrder
              .filter((known) => counts[known] > 0 || known === state)
              .map((known) => [known, `${known} (${counts[known]})`] as const),
          ]}
          onChange={(value) => onView({ state: value === '' ? undefined : value })}
        />
        <p class="muted push">
          {rows.length === 0
            ? 'none'
            : `${first + 1}–${Math.min(first + pageRows, rows.length)} of ${count(rows.length, 'trial')}`}
        </p>
        {pages > 1 && (
          <div class="pager">
            <button type="button" class="quiet" disabled={present === 0} onClick={() => setPage(present - 1)}>
              Previous
            </button>
            <button
              type="button"
              class="quiet"
              disabled={present === pages - 1}
              onClick={() => setPage(present + 1)}
            >
              Next
            </button>
          </div>
        )}
      </div>
      <TrialsTable
        columns={columns}
        rows={rows.slice(first, first + pageRows)}
        sort={sort}
        onSort={(sort) => onView({ sort })}
        onOpen={onOpen}
      />
    </section>
  );
}

function defaultSort({ objectives }: SweepDefinition, running: boolean): string {
  const [primary] = Object.entries(objectives);
  if (running || !primary) return '-activity';
  const [metric, direction] = primary;
  return direction === 'maximize' ? `-metric:${metric}` : `metric:${metric}`;
}

function rowsOf(trials: readonly Trial[], state: TrialState | undefined, sort: string): Trial[] {
  const wanted = state ? trials.filter((trial) => trial.state === state) : trials;
  return sortTrials(wanted, sort);
}

function tableColumns(metrics: readonly string[], parameters: readonly string[]): TableColumn[] {
  return [
    { column: 'number', label: 'trial' },
    { column: 'state', label: 'state' },
    ...metrics.slice(0, mostMetrics).map((name) => ({ column: `metric:${name}`, label: name, metric: name })),
    ...parameters.map((name) => ({ column: `parameter:${name}`, label: name, parameter: name })),
    { column: 'duration', label: 'took' },
    { column: 'worker', label: 'worker' },
  ];
}
