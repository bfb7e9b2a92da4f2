import type { ImportanceAnswer } from '../../api/views.js';
import { formatNumber } from '../../../sweep/units.js';
import { count } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { CsvButton } from './downloads.js';
import { MetricSelect } from './metric-select.js';
import { GhostCharts } from './notices.js';
import type { SectionProps } from './shared-props.js';

/** Below this the model knows so little that its shares mean nothing. */
const trusted = 0.3;

/** Which parameters matter for a metric. */
export function ImportanceView(props: SectionProps) {
  const { model, metrics, view, onView } = props;
  const metric = view.metric ?? metrics[0] ?? '';
  const { data, error } = useAnswer<ImportanceAnswer>(model, question('importance', { metric }), {
    follow: 'once',
  });
  const shares = [...(data?.parameters ?? []), ...(data?.interactions ?? [])].map(({ share }) => share);
  const most = Math.max(...shares, 0.01);
  return (
    <section class="panel importance" aria-label="Importance of parameters">
      <div class="panel-head">
        <MetricSelect label="What matters for" {...{ metrics, metric, onView }} />
        {data && (
          <p class="muted">
            {data.explained === undefined
              ? 'too few configurations to tell'
              : `a model of ${count(data.configurations, 'configuration')} explains ${percent(data.explained)} of the variance`}
          </p>
        )}
        {data && (
          <span class="push">
            <CsvButton
              name={`importance-${metric}`}
              rows={() => [
                ['parameter', 'share'],
                ...data.parameters.map(({ name, share }) => [name, share]),
              ]}
            />
          </span>
        )}
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      {!data && error === undefined && <GhostCharts n={2} />}
      {data && data.parameters.length === 0 && (
        <p class="muted note">It takes 8 completed configurations with different results to tell.</p>
      )}
      {data && data.explained !== undefined && data.explained < trusted && (
        <p class="notice warning">
          The model predicts little of {metric}: these shares are no ground to decide on.
        </p>
      )}
      {data && (
        <Shares
          caption={`Share of the variance of ${metric} that each parameter explains by itself`}
          most={most}
          rows={data.parameters.map(({ name, share }) => [name, share])}
        />
      )}
      {data && data.interactions.length > 0 && (
        <Shares
          caption="Share that only two together explain"
          most={most}
          rows={data.interactions.slice(0, 6).map(({ names, share }) => [names.join(' × '), share])}
        />
      )}
    </section>
  );
}

interface SharesProps {
  readonly caption: string;
  readonly rows: readonly (readonly [string, number])[];
  /** The share whose bar is as long as can be. */
  readonly most: number;
}

function Shares({ caption, rows, most }: SharesProps) {
  if (rows.length === 0) return null;
  return (
    <table class="bars">
      <caption>{caption}</caption>
      <tbody>
        {rows.map(([name, share]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="bar">
              <i style={{ width: `${(100 * share) / most}%` }} />
            </td>
            <td class="number">{percent(share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function percent(share: number): string {
  return `${formatNumber(100 * share, 2)} %`;
}
