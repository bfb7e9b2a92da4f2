import { useMemo } from 'preact/hooks';
import type { ParameterValue } from '../../../sweep/parameter.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import { MetricCharts, colourOf } from '../charts/metric-charts.js';
import { useChartTheme } from '../charts/theme.js';
import {
  axisNames,
  colourNames,
  colourValues,
  createAxis,
  defaultAxis,
  trialNumberAxis,
} from '../data/axis.js';
import { count, formatParameter } from '../data/format.js';
import { metricSeries, place, type Placement } from '../data/metric-series.js';
import { defaultMetrics } from '../data/metrics.js';
import { MetricPicker } from './metric-picker.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';

/** Metrics under each other against a parameter of choice, coloured by another one. */
export function MetricsSection(props: SectionProps & { readonly metrics: readonly string[] }) {
  const { definition, trials, byNumber, metrics, view, onView, hovered, onOpen } = props;
  const names = axisNames(definition);
  const x =
    view.x !== undefined && [...names, trialNumberAxis].includes(view.x) ? view.x : defaultAxis(definition);
  const colours = colourNames(definition).filter((name) => name !== x);
  const colour = view.colour === undefined ? defaultColour(definition, x) : view.colour;
  const colourBy = colours.includes(colour) ? colour : '';
  const chosen = view.metrics?.filter((metric) => metrics.includes(metric)) ?? [];
  const shown = chosen.length > 0 ? chosen : defaultMetrics(metrics);

  const { placement, values } = useMemo(() => {
    const values = colourBy === '' ? undefined : colourValues(definition, colourBy);
    const others = names.filter((name) => name !== x && name !== colourBy && isSearched(definition, name));
    const axis = createAxis(definition, x, trials);
    const colouring = values && { name: colourBy, values };
    return { values, placement: place(trials, axis, colouring, others.length === 0) };
  }, [definition, trials, x, colourBy]);

  return (
    <section
      class="panel metrics"
      aria-label="Metrics against a parameter"
      data-axis={x}
      data-axis-kind={placement.axis.kind}
    >
      <div class="panel-head">
        <Select
          label="Against"
          value={x}
          options={[...names.map((name) => [name, name] as const), [trialNumberAxis, 'trial number']]}
          onChange={(x) => onView({ x })}
        />
        {colours.length > 0 && (
          <Select
            label="coloured by"
            value={colourBy}
            options={[['', 'nothing'], ...colours.map((name) => [name, name] as const)]}
            onChange={(colour) => onView({ colour })}
          />
        )}
        {metrics.length > 1 && (
          <MetricPicker metrics={metrics} shown={shown} onChange={(metrics) => onView({ metrics })} />
        )}
      </div>
      {values && <ColourLegend name={colourBy} values={values} />}
      <MetricCharts
        placement={placement}
        metrics={shown}
        trials={byNumber}
        hovered={hovered}
        onOpen={onOpen}
      />
      <PointLegend trials={trials} lines={drawsMeans(placement, shown)} />
      {placement.absent > 0 && (
        <p class="muted note">
          {count(placement.absent, 'trial')} without {x} not shown
        </p>
      )}
    </section>
  );
}

function isSearched(definition: SweepDefinition, name: string): boolean {
  return definition.space[name]?.kind !== 'derived';
}

/** The other parameter of a sweep over two: it tells the curves apart, as in a published figure. */
function defaultColour(definition: SweepDefinition, x: string): string {
  const others = colourNames(definition).filter((name) => name !== x);
  return others[0] ?? '';
}

function ColourLegend({ name, values }: { name: string; values: readonly ParameterValue[] }) {
  const theme = useChartTheme();
  return (
    <ul class="legend" aria-label={`Colours: ${name}`}>
      <li class="muted">{name}</li>
      {values.map((value, index) => (
        <li key={String(value)}>
          <i class="dot" style={{ background: colourOf(theme, index) }} aria-hidden="true" />
          {formatParameter(value)}
        </li>
      ))}
    </ul>
  );
}

/** Whether a line joins means of several trials, and not just single ones. */
function drawsMeans(placement: Placement, metrics: readonly string[]): boolean {
  return metrics.some((metric) =>
    metricSeries(placement, metric).some(
      ({ means, points }) => means.length > 1 && means.length < points.completed.length,
    ),
  );
}

/** Explains the marks that are on the charts, and only those. */
function PointLegend({ trials, lines }: { trials: readonly Trial[]; lines: boolean }) {
  const has = (state: Trial['state']) => trials.some((trial) => trial.state === state);
  const marks = [
    has('running') && (['hollow', 'running: its latest report'] as const),
    has('pruned') && (['cross', 'pruned: its last report'] as const),
    lines && (['line', 'mean of what lies at one value'] as const),
  ].filter((mark) => mark !== false);
  if (marks.length === 0) return null;
  return (
    <ul class="legend marks">
      {marks.map(([mark, text]) => (
        <li key={mark}>
          <i class={`mark ${mark}`} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}
