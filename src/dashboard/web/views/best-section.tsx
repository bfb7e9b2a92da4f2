import { BestChart } from '../charts/best-chart.js';
import type { BestAnswer, HistoryAnswer } from '../../api/charts.js';
import { question, useAnswer } from '../live/use-answer.js';
import { formatMetric, formatParameter } from '../data/format.js';
import { formatNumber } from '../../../sweep/units.js';
import { unitOf } from '../../metrics.js';
import { GhostCharts } from './notices.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';

const rowsShown = 5;

type Ranked = BestAnswer['ranked'][number];

/** Which configurations are best, and how the best came about. */
export function BestSection({ model, definition, view, onView, hovered, onOpen }: SectionProps) {
  const [primary = ''] = Object.keys(definition.objectives);
  const { where } = view;
  const best = useAnswer<BestAnswer>(model, question('best', { top: rowsShown, where }));
  const history = useAnswer<HistoryAnswer>(model, question('history', { where }));
  const over = view.over === 'time' ? 'time' : 'trials';
  return (
    <section class="panel best-panel" aria-label="Best configurations">
      <div class="panel-head">
        <h2>Best configurations</h2>
        <p class="muted">
          by {primary}
          {definition.maxReplicates === undefined
            ? definition.replicates > 1 && `, mean of ${definition.replicates} replicates`
            : `, ${definition.replicates} to ${definition.maxReplicates} replicates`}
        </p>
      </div>
      {best.data === undefined ? (
        <GhostCharts n={1} />
      ) : best.data.ranked.length === 0 ? (
        <p class="muted note">No trial has completed yet.</p>
      ) : (
        <>
          <BestTable {...{ definition, ranked: best.data.ranked, onOpen }} />
          {best.data.leaders !== undefined && <p class="muted note">{best.data.leaders}</p>}
          {best.data.intervals !== undefined && <p class="muted note">{best.data.intervals}</p>}
        </>
      )}
      <Select
        label="Best so far over"
        value={over}
        options={[
          ['trials', 'trials'],
          ['time', 'time'],
        ]}
        onChange={(value) => onView({ over: value === 'time' ? 'time' : undefined })}
      />
      {history.data ? (
        <BestChart {...{ history: history.data, over, hovered, onOpen }} />
      ) : (
        <GhostCharts n={1} />
      )}
    </section>
  );
}

interface BestTableProps extends Pick<SectionProps, 'definition' | 'onOpen'> {
  readonly ranked: readonly Ranked[];
}

function BestTable({ definition, ranked, onOpen }: BestTableProps) {
  const objectives = Object.keys(definition.objectives);
  const rows = ranked.slice(0, rowsShown);
  return (
    <div class="table-scroll">
      <table class="best-table" style={{ '--objectives': objectives.length }}>
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            {objectives.map((metric) => (
              <th scope="col" class="number" key={metric}>
                {metric}
              </th>
            ))}
            <th scope="col">parameters</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.configuration}
              data-configuration={row.configuration}
              class={row.broken.length === 0 ? '' : 'infeasible'}
            >
              <td class="number" title={rankNote(row)}>
                {row.rank}
                {row.tied ? ' =' : row.nearBest && row.rank > 1 ? ' ≈' : ''}
              </td>
              {objectives.map((metric) => (
                <td class="number" key={metric}>
                  <Value metric={metric} row={row} replicates={definition.replicates} />
                </td>
              ))}
              <td>
                <button type="button" class="link" onClick={() => onOpen(row.trials[0] ?? 0)}>
                  {Object.entries(row.parameters).map(([name, value]) => (
                    <span class="pair" key={name}>
                      <span class="muted">{name}</span> {formatParameter(value)}
                    </span>
                  ))}
                </button>
                {row.broken.length > 0 && <span class="muted"> beyond {row.broken.join(', ')}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the sign after a rank means. */
function rankNote({ tied, nearBest, rank, probabilityBest }: Ranked): string | undefined {
  if (probabilityBest !== undefined) return `the best with probability ${formatNumber(probabilityBest)}`;
  if (tied) return 'another configuration has the same mean';
  return nearBest && rank > 1 ? 'its replicates do not tell it from the best' : undefined;
}

/** Mean and, where replicates tell it, the sample standard deviation; how many there are where some are missing. */
function Value({ metric, row, replicates }: { metric: string; row: Ranked; replicates: number }) {
  const value = row.metrics[metric];
  if (!value) return <>–</>;
  if (replicates === 1 || unitOf(metric) !== 'number') return <>{formatMetric(metric, value.mean)}</>;
  return (
    <span class="with-spread">
      {formatMetric(metric, value.mean)}
      <small class="muted">
        {value.spread !== undefined && ` ± ${formatSpread(value.spread)}`}
        {value.n < replicates && ` ${value.n} of ${replicates}`}
      </small>
    </span>
  );
}

/** A spread of a few replicates is known to no more than two digits. */
function formatSpread(spread: number): string {
  return formatNumber(spread, 2);
}
