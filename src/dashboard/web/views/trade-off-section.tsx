import type { FrontAnswer } from '../../api/charts.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TradeOffChart } from '../charts/trade-off-chart.js';
import { count, formatMetric, formatParameters } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { hasMetrics, openEither, useBeside, useBesideFront } from './beside.js';
import { GhostCharts } from './notices.js';
import type { SectionProps } from './shared-props.js';

/**
 * The primary objective against every other one; and against memory and time where they are reported, as less of them
 * is better in any case.
 */
export function TradeOffSection(props: SectionProps) {
  const { definition, metrics } = props;
  const [y, ...others] = Object.keys(definition.objectives);
  const costs = costsOf(definition, metrics).filter((name) => name !== y);
  const names = [...new Set([...others, ...costs])];
  if (y === undefined || names.length === 0) return null;
  return (
    <div class="trade-offs">
      {names.map((x) => (
        <TradeOffPanel key={x} x={x} y={y} {...props} />
      ))}
    </div>
  );
}

function costsOf(definition: SweepDefinition, metrics: readonly string[]): string[] {
  return ['memory', 'time'].filter(
    (name) => metrics.includes(name) || Object.hasOwn(definition.objectives, name),
  );
}

/** Two metrics against each other, with the front of those that nothing beats in both. */
function TradeOffPanel(props: SectionProps & { readonly x: string; readonly y: string }) {
  const { x, y, model, definition, view, hovered, onOpen } = props;
  const { data } = useAnswer<FrontAnswer>(model, question('front', { x, y, where: view.where }));
  const { chosen } = useBeside(props, hasMetrics([x, y]));
  const beside = useBesideFront(props, chosen, { x, y });
  return (
    <section
      class="panel trade-off"
      aria-label={`${y} against ${x}`}
      data-front={data?.front.map(({ trials }) => trials[0]).join(' ')}
    >
      <div class="panel-head">
        <h2>
          {y} against {x}
        </h2>
        <p class="muted">
          {definition.replicates > 1 ? 'means of replicates' : 'completed trials'}
          {beside && `; △ ${beside.name}`}
        </p>
      </div>
      {data ? (
        <TradeOffChart answer={data} {...{ beside, hovered }} onOpen={openEither(chosen, onOpen)} />
      ) : (
        <GhostCharts n={1} />
      )}
      {data && <FrontTable answer={data} onOpen={onOpen} />}
    </section>
  );
}

/** The front as text: what one chooses from. */
export function FrontTable({
  answer: { x, y, front },
  onOpen,
  open = false,
}: {
  answer: FrontAnswer;
  onOpen: (trial: number) => void;
  open?: boolean;
}) {
  if (front.length === 0) return null;
  return (
    <details class="front" open={open}>
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
            {front.map(({ configuration, trials: [trial = 0], metrics, parameters }) => (
              <tr key={configuration} data-trial={trial}>
                <td class="number">
                  <button type="button" class="link" onClick={() => onOpen(trial)}>
                    {trial}
                  </button>
                </td>
                <td class="number">{formatMetric(y.metric, metrics[y.metric]?.mean)}</td>
                <td class="number">{formatMetric(x.metric, metrics[x.metric]?.mean)}</td>
                <td>{formatParameters(parameters)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
