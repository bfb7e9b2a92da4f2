import { useMemo } from 'preact/hooks';
import { TradeOffChart } from '../charts/trade-off-chart.js';
import { count, formatMetric, formatParameters } from '../data/format.js';
import type { RankedResult } from '../../../sweep/objective.js';
import { tradeOff, tradeOffPairs, type TradeOff } from '../data/trade-off.js';
import { firstTrial } from '../../ranking.js';
import type { SectionProps } from './shared-props.js';

interface TradeOffSectionProps extends SectionProps {
  readonly metrics: readonly string[];
  readonly ranked: readonly RankedResult[];
}

/** The primary objective against what it costs, with the front of those that nothing beats in both. */
export function TradeOffSection({
  definition,
  metrics,
  ranked,
  byNumber,
  hovered,
  onOpen,
}: TradeOffSectionProps) {
  const tradeOffs = useMemo(
    () => tradeOffPairs(definition, metrics).map((pair) => tradeOff(pair, ranked)),
    [definition, metrics, ranked],
  );
  if (tradeOffs.length === 0) return null;
  return (
    <div class="trade-offs">
      {tradeOffs.map((each) => (
        <section
          key={each.x.metric}
          class="panel trade-off"
          aria-label={`${each.y.metric} against ${each.x.metric}`}
          data-front={each.front.map(firstTrial).join(' ')}
        >
          <div class="panel-head">
            <h2>
              {each.y.metric} against {each.x.metric}
            </h2>
            <p class="muted">{definition.replicates > 1 ? 'means of replicates' : 'completed trials'}</p>
          </div>
          <TradeOffChart tradeOff={each} trials={byNumber} hovered={hovered} onOpen={onOpen} />
          <FrontTable tradeOff={each} onOpen={onOpen} />
        </section>
      ))}
    </div>
  );
}

/** The front as text: what one chooses from. */
function FrontTable({
  tradeOff: { x, y, front },
  onOpen,
}: {
  tradeOff: TradeOff;
  onOpen: (trial: number) => void;
}) {
  if (front.length === 0) return null;
  return (
    <details class="front">
      <summary>
        <i class="mark front-mark" aria-hidden="true" />
        Pareto front: {count(front.length, 'configuration')}
      </summary>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                trial
              </th>
              <th scope="col" class="number">
                {y.metric}
              </th>
              <th scope="col" class="number">
                {x.metric}
              </th>
              <th scope="col">parameters</th>
            </tr>
          </thead>
          <tbody>
            {front.map((result) => (
              <tr key={result.configuration} data-trial={firstTrial(result)}>
                <td class="number">
                  <button type="button" class="link" onClick={() => onOpen(firstTrial(result))}>
                    {firstTrial(result)}
                  </button>
                </td>
                <td class="number">{formatMetric(y.metric, result.metrics[y.metric]?.mean)}</td>
                <td class="number">{formatMetric(x.metric, result.metrics[x.metric]?.mean)}</td>
                <td>{formatParameters(result.parameters)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
