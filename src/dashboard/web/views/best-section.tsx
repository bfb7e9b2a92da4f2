import { useMemo } from 'preact/hooks';
import { BestChart } from '../charts/best-chart.js';
import { bestSoFar } from '../data/best-so-far.js';
import { formatMetric, formatParameter } from '../data/format.js';
import { formatNumber } from '../../../sweep/units.js';
import { unitOf } from '../data/metrics.js';
import type { RankedResult } from '../../../sweep/objective.js';
import { firstTrial, isFeasible } from '../../ranking.js';
import type { SectionProps } from './shared-props.js';

const rowsShown = 5;

/** Which configurations are best, and how the best came about. */
export function BestSection(props: SectionProps & { readonly ranked: readonly RankedResult[] }) {
  const { definition, trials, byNumber, ranked, hovered, onOpen } = props;
  const [primary = ''] = Object.keys(definition.objectives);
  const history = useMemo(() => bestSoFar(definition, trials), [definition, trials]);
  return (
    <section class="panel best-panel" aria-label="Best configurations">
      <div class="panel-head">
        <h2>Best configurations</h2>
        <p class="muted">
          by {primary}
          {definition.replicates > 1 && `, mean of ${definition.replicates} replicates`}
        </p>
      </div>
      {ranked.length === 0 ? (
        <p class="muted note">No trial has completed yet.</p>
      ) : (
        <BestTable {...{ definition, ranked, onOpen }} />
      )}
      <BestChart {...{ definition, history, trials: byNumber, hovered, onOpen }} metric={primary} />
    </section>
  );
}

interface BestTableProps extends Pick<SectionProps, 'definition' | 'onOpen'> {
  readonly ranked: readonly RankedResult[];
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
              class={isFeasible(row) ? '' : 'infeasible'}
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
                <button type="button" class="link" onClick={() => onOpen(firstTrial(row))}>
                  {Object.entries(row.parameters).map(([name, value]) => (
                    <span class="pair" key={name}>
                      <span class="muted">{name}</span> {formatParameter(value)}
                    </span>
                  ))}
                </button>
                {!isFeasible(row) && <span class="muted"> beyond {row.broken.join(', ')}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the sign after a rank means. */
function rankNote({ tied, nearBest, rank }: RankedResult): string | undefined {
  if (tied) return 'another configuration has the same mean';
  return nearBest && rank > 1 ? 'its replicates do not tell it from the best' : undefined;
}

/** Mean and, where replicates tell it, the sample standard deviation; how many there are where some are missing. */
function Value({ metric, row, replicates }: { metric: string; row: RankedResult; replicates: number }) {
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
