import type { TrialsAnswer } from '../../api/trials.js';
import { formatMetric, formatParameter } from '../data/format.js';
import { formatDuration } from '../../../sweep/units.js';
import { TrialStateMark } from './badges.js';

type Trial = TrialsAnswer['trials'][number];

export interface TableColumn {
  /** What the server calls it. */
  readonly column: string;
  readonly label: string;
  readonly metric?: string;
  readonly parameter?: string;
}

interface TrialsTableProps {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly Trial[];
  readonly sort: string;
  /** Trials chosen to be compared. */
  readonly selected: readonly number[];
  readonly onSelect: (trial: number, on: boolean) => void;
  readonly onSort: (sort: string) => void;
  readonly onOpen: (trial: number) => void;
}

export function TrialsTable(props: TrialsTableProps) {
  const { columns, rows, sort, selected, onSelect, onSort, onOpen } = props;
  return (
    <div class="table-scroll">
      <table class="trials-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">compare</span>
            </th>
            {columns.map((column) => (
              <SortableHeader key={column.column} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((trial) => (
            <tr key={trial.number} data-trial={trial.number} data-state={trial.state}>
              <td class="choose">
                <input
                  type="checkbox"
                  checked={selected.includes(trial.number)}
                  aria-label={`Compare trial ${trial.number}`}
                  onChange={({ currentTarget }) => onSelect(trial.number, currentTarget.checked)}
                />
              </td>
              {columns.map((column) => (
                <Cell key={column.column} column={column} trial={trial} onOpen={onOpen} />
              ))}
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length + 1} class="muted">
                No trial is in this state.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function isNumeric({ column, metric, parameter }: TableColumn): boolean {
  return metric !== undefined || parameter !== undefined || ['number', 'duration', 'step'].includes(column);
}

function SortableHeader({
  column,
  sort,
  onSort,
}: { column: TableColumn } & Pick<TrialsTableProps, 'sort' | 'onSort'>) {
  const ascending = sort === column.column;
  const descending = sort === `-${column.column}`;
  return (
    <th
      scope="col"
      class={isNumeric(column) ? 'number' : ''}
      aria-sort={ascending ? 'ascending' : descending ? 'descending' : 'none'}
    >
      <button type="button" onClick={() => onSort(descending ? column.column : `-${column.column}`)}>
        {column.label}
        <span class="arrow" aria-hidden="true">
          {ascending ? '▲' : descending ? '▼' : ''}
        </span>
      </button>
    </th>
  );
}

function Cell({
  column,
  trial,
  onOpen,
}: {
  column: TableColumn;
  trial: Trial;
  onOpen: TrialsTableProps['onOpen'];
}) {
  const { metric, parameter } = column;
  if (metric !== undefined) return <td class="number">{formatMetric(metric, trial.metrics[metric])}</td>;
  if (parameter !== undefined) return <td class="number">{formatParameter(trial.parameters[parameter])}</td>;
  switch (column.column) {
    case 'number':
      return (
        <td class="number">
          <button type="button" class="link" onClick={() => onOpen(trial.number)}>
            {trial.number}
          </button>
        </td>
      );
    case 'state':
      return (
        <td>
          <TrialStateMark state={trial.state} />
          <Why trial={trial} />
        </td>
      );
    case 'step':
      return <td class="number">{trial.lastStep ?? '–'}</td>;
    case 'duration': {
      const seconds = duration(trial);
      return <td class="number">{seconds === undefined ? '–' : formatDuration(seconds)}</td>;
    }
    default:
      return <td class="id">{trial.workerId ?? '–'}</td>;
  }
}

/** Seconds from the start of the last attempt to the end, where it has ended. */
function duration({ startedAt, finishedAt }: Trial): number | undefined {
  return startedAt === undefined || finishedAt === undefined ? undefined : (finishedAt - startedAt) / 1000;
}

/** Why it failed or was stopped, and how often it was tried. */
function Why({ trial }: { trial: Trial }) {
  const { failure, reason, attempts, state } = trial;
  const text = state === 'failed' && failure ? `${failure.class}: ${failure.message}` : reason;
  return (
    <>
      {attempts > 1 && <span class="muted"> attempt {attempts}</span>}
      {text !== undefined && (
        <span class="why" title={text}>
          {text}
        </span>
      )}
    </>
  );
}
