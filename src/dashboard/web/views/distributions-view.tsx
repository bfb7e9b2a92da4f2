import type { DistributionsAnswer } from '../../api/views.js';
import { count, formatParameter } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { CsvButton } from './downloads.js';
import { MetricSelect } from './metric-select.js';
import { GhostCharts } from './notices.js';
import type { SectionProps } from './shared-props.js';

type Histogram = DistributionsAnswer['parameters'][number];

/** Where the search has been, and where the best tenth of it lies. */
export function DistributionsView({ model, metrics, view, onView }: SectionProps) {
  const metric = view.metric ?? metrics[0] ?? '';
  const { data } = useAnswer<DistributionsAnswer>(
    model,
    question('distributions', { metric, where: view.where }),
  );
  return (
    <section class="panel distributions" aria-label="Distributions of parameters">
      <div class="panel-head">
        <MetricSelect label="Best by" {...{ metrics, metric, onView }} />
        {data && (
          <ul class="legend">
            <li>
              <i class="swatch all" aria-hidden="true" /> all {count(data.total, 'trial')}
            </li>
            <li>
              <i class="swatch best" aria-hidden="true" /> best tenth: {count(data.best, 'trial')}
            </li>
          </ul>
        )}
        {data && (
          <span class="push">
            <CsvButton name="distributions" rows={() => csvOf(data)} />
          </span>
        )}
      </div>
      {data ? (
        <div class="histograms">
          {data.parameters.map((parameter) => (
            <HistogramFigure key={parameter.name} parameter={parameter} />
          ))}
        </div>
      ) : (
        <GhostCharts n={3} />
      )}
    </section>
  );
}

function HistogramFigure({ parameter }: { parameter: Histogram }) {
  const { name, log, all, best, edges, categories } = parameter;
  const [total, chosen] = [sum(all), sum(best)];
  // Shares, so that a tenth can be compared with the whole.
  const highest = Math.max(...all.map((n) => n / (total || 1)), ...best.map((n) => n / (chosen || 1)), 1e-9);
  const height = (n: number, of: number) => `${(100 * n) / (of || 1) / highest}%`;
  const ends = categories
    ? categories.map(String)
    : [edges[0], edges.at(-1)].map((edge) => formatParameter(round(edge)));
  return (
    <figure class="histogram" data-parameter={name}>
      <figcaption>
        {name} {log && <span class="muted">logarithmic</span>}
      </figcaption>
      <div class="columns-of" role="img" aria-label={describe(parameter)}>
        {all.map((n, index) => (
          <span
            key={index}
            title={`${label(parameter, index)}: ${n} of all, ${best[index] ?? 0} of the best`}
          >
            <i class="all" style={{ height: height(n, total) }} />
            <i class="best" style={{ height: height(best[index] ?? 0, chosen) }} />
          </span>
        ))}
      </div>
      <div class={categories ? 'ends categories' : 'ends'} aria-hidden="true">
        {ends.map((text) => (
          <span key={text}>{text}</span>
        ))}
      </div>
    </figure>
  );
}

function label({ categories, edges }: Histogram, index: number): string {
  if (categories) return String(categories[index] ?? '');
  return `${formatParameter(round(edges[index]))} to ${formatParameter(round(edges[index + 1]))}`;
}

function describe(parameter: Histogram): string {
  const { best, name } = parameter;
  const most = best.indexOf(Math.max(...best));
  return `${name}: most of the best lie at ${label(parameter, most)}`;
}

function round(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(3));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function csvOf({ parameters }: DistributionsAnswer) {
  return [
    ['parameter', 'value', 'all', 'best'],
    ...parameters.flatMap((parameter) =>
      parameter.all.map((n, index) => [parameter.name, label(parameter, index), n, parameter.best[index]]),
    ),
  ];
}
