import { useEffect, useMemo, useState } from 'preact/hooks';
import type { TrialsAnswer } from '../../api/trials.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState } from '../../../sweep/trial.js';
import { axisNames } from '../data/axis.js';
import { count } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { barOrder } from './state-bar.js';
import { CompareTrials } from './compare-trials.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';
import { TrialsTable, type TableColumn } from './trials-table.js';

const pageRows = 25;
/** Metrics in the table where nobody has chosen: objectives and what matters next. */
const mostMetrics = 5;

/** All trials: sorted, filtered, a page at a time, each read when it is looked at. */
export function TrialsSection(props: SectionProps) {
  const { model, definition, metrics, running, counts, view, onView, onOpen } = props;
  const state = Object.values(TrialState).find((known) => known === view.state);
  const sort = view.sort ?? defaultSort(definition, running);
  const all = useMemo(() => allColumns(metrics, axisNames(definition)), [metrics, definition]);
  const columns = chosenColumns(all, view.columns, metrics.slice(0, mostMetrics));
  const selected = (view.select ?? []).map(Number).filter((number) => Number.isSafeInteger(number));
  const [page, setPage] = useState(0);
  useEffect(() => setPage(0), [state, sort, view.where]);
  const filter = { where: view.where, state, sort };
  const { data, error, pending } = useAnswer<TrialsAnswer>(
    model,
    question('trials', { ...filter, limit: pageRows, offset: page * pageRows }),
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
        <ColumnPicker all={all} shown={columns} onChange={(columns) => onView({ columns })} />
        <a class="tool" href={`${model.base}/${question('trials.csv', filter)}`} download>
          CSV
        </a>
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
          selected={selected}
          onSelect={(number, on) => {
            const next = [...selected.filter((other) => other !== number), ...(on ? [number] : [])];
            onView({ select: next.length > 0 ? next.map(String) : undefined });
          }}
          onSort={(sort) => onView({ sort })}
          onOpen={onOpen}
        />
      )}
      {selected.length > 0 && (
        <CompareTrials
          {...{ model, definition, metrics, numbers: selected, onOpen }}
          onClear={() => onView({ select: undefined })}
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

function allColumns(metrics: readonly string[], parameters: readonly string[]): TableColumn[] {
  return [
    { column: 'number', label: 'trial' },
    { column: 'state', label: 'state' },
    ...metrics.map((name) => ({ column: `metric:${name}`, label: name, metric: name })),
    ...parameters.map((name) => ({ column: `parameter:${name}`, label: name, parameter: name })),
    { column: 'duration', label: 'took' },
    { column: 'step', label: 'step' },
    { column: 'worker', label: 'worker' },
  ];
}

function chosenColumns(
  all: readonly TableColumn[],
  chosen: readonly string[] | undefined,
  metrics: readonly string[],
): TableColumn[] {
  if (chosen) return all.filter(({ column }) => column === 'number' || chosen.includes(column));
  return all.filter(
    ({ column, metric }) => column !== 'step' && (metric === undefined || metrics.includes(metric)),
  );
}

interface ColumnPickerProps {
  readonly all: readonly TableColumn[];
  readonly shown: readonly TableColumn[];
  readonly onChange: (columns: readonly string[]) => void;
}

function ColumnPicker({ all, shown, onChange }: ColumnPickerProps) {
  const names = shown.map(({ column }) => column);
  return (
    <details class="column-picker">
      <summary>Columns</summary>
      <fieldset>
        <legend class="visually-hidden">Columns of the table</legend>
        {all
          .filter(({ column }) => column !== 'number')
          .map(({ column, label }) => (
            <label key={column}>
              <input
                type="checkbox"
                checked={names.includes(column)}
                onChange={({ currentTarget }) =>
                  onChange(
                    currentTarget.checked ? [...names, column] : names.filter((name) => name !== column),
                  )
                }
              />
              {label}
            </label>
          ))}
      </fieldset>
    </details>
  );
}
