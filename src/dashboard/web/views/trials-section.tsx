import { useEffect, useMemo, useState } from 'preact/hooks';
import type { TrialsAnswer } from '../../api/trials.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState } from '../../../sweep/trial.js';
import { axisNames } from '../data/axis.js';
import { count } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { barOrder } from './state-bar.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';
import { TrialsTable, type TableColumn } from './trials-table.js';

const pageRows = 25;
/** Metrics in the table: objectives and what matters next; the rest is in the trial's own view. */
const mostMetrics = 5;

interface TrialsSectionProps extends SectionProps {
  /** While it runs, what happens stands first; afterwards, what is best. */
  readonly running: boolean;
  readonly counts: Readonly<Record<TrialState, number>>;
}

/** All trials: sorted, filtered, a page at a time, each read when it is looked at. */
export function TrialsSection(props: TrialsSectionProps) {
  const { model, definition, metrics, running, counts, view, onView, onOpen } = props;
  const state = Object.values(TrialState).find((known) => known === view.state);
  const sort = view.sort ?? defaultSort(definition, running);
  const columns = useMemo(() => tableColumns(metrics, axisNames(definition)), [metrics, definition]);
  const [page, setPage] = useState(0);
  useEffect(() => setPage(0), [state, sort, view.where]);
  const { data, error, pending } = useAnswer<TrialsAnswer>(
    model,
    question('trials', { where: view.where, state, sort, limit: pageRows, offset: page * pageRows }),
  );
  const total = data?.total ?? 0;
  const pages = Math.max(1, Math.ceil(total / pageRows));
  useEffect(() => {
    if (data && page >= pages) setPage(pages - 1);
  }, [data, page, pages]);
  const first = page * pageRows;
  return (
    <section
      class="panel trials"
      aria-label="Trials"
      data-rows={total}
      data-offset={pending ? undefined : first}
      aria-busy={pending}
    >
      <div class="panel-head">
        <h2>Trials</h2>
        <Select
          label="state"
          value={state ?? ''}
          options={[
            ['', 'all'],
            ...barOrder
              .filter((known) => counts[known] > 0 || known === state)
              .map((known) => [known, `${known} (${counts[known].toLocaleString('en')})`] as const),
          ]}
          onChange={(value) => onView({ state: value === '' ? undefined : value })}
        />
        <p class="muted push">
          {data && total === 0
            ? 'none'
            : `${first + 1}–${Math.min(first + pageRows, total)} of ${count(total, 'trial')}`}
        </p>
        {pages > 1 && (
          <div class="pager">
            <button type="button" class="quiet" disabled={page === 0} onClick={() => setPage(page - 1)}>
              Previous
            </button>
            <button
              type="button"
              class="quiet"
              disabled={page >= pages - 1}
              onClick={() => setPage(page + 1)}
            >
              Next
            </button>
          </div>
        )}
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      {data && (
        <TrialsTable
          columns={columns}
          rows={data.trials}
          sort={sort}
          onSort={(sort) => onView({ sort })}
          onOpen={onOpen}
        />
      )}
    </section>
  );
}

function defaultSort({ objectives }: SweepDefinition, running: boolean): string {
  const [primary] = Object.entries(objectives);
  if (running || !primary) return '-activity';
  const [metric, direction] = primary;
  return direction === 'maximize' ? `-metric:${metric}` : `metric:${metric}`;
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
