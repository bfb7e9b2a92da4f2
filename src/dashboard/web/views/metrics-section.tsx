import { useMemo, useRef } from 'preact/hooks';
import type { ParameterValue } from '../../../sweep/parameter.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { MetricCharts, colourOf, type MetricChartsProps } from '../charts/metric-charts.js';
import { useChartTheme } from '../charts/theme.js';
import type { PointsAnswer, SlicesAnswer } from '../../api/charts.js';
import {
  axisColumn,
  axisNames,
  axisOf,
  colourNames,
  colourValues,
  defaultAxis,
  trialNumberAxis,
} from '../data/axis.js';
import { count, formatParameter, readingText } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { BesideSelect, hasAxis, openEither, useBeside, useBesideResults } from './beside.js';
import { defaultMetrics } from '../../metrics.js';
import { GhostCharts } from './notices.js';
import { MetricPicker } from './metric-picker.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';

/** In each of several charts under each other: more take longer to draw than anybody likes to wait. */
const mostPoints = 1_000;

/** Metrics under each other against a parameter of choice, coloured by another one. */
export function MetricsSection(props: SectionProps) {
  const { model, definition, metrics, view, onView, hovered, onOpen } = props;
  const names = axisNames(definition);
  const x =
    view.x !== undefined && [...names, trialNumberAxis].includes(view.x) ? view.x : defaultAxis(definition);
  const colours = colourNames(definition).filter((name) => name !== x);
  const colour = view.colour === undefined ? defaultColour(definition, x) : view.colour;
  const colourBy = colours.includes(colour) ? colour : '';
  const chosen = view.metrics?.filter((metric) => metrics.includes(metric)) ?? [];
  const shown = chosen.length > 0 ? chosen : defaultMetrics(metrics);

  const coloured = useMemo(
    () => (colourBy === '' ? undefined : { name: colourBy, values: colourValues(definition, colourBy) }),
    [definition, colourBy],
  );
  const others = names.filter((name) => name !== x && name !== colourBy && isSearched(definition, name));
  const y = shown.map((metric) => `metric:${metric}`);
  const common = { x: axisColumn(x), y, where: view.where };
  const points = useAnswer<PointsAnswer>(
    model,
    question('points', {
      ...common,
      partial: 'true',
      most: mostPoints,
      with: ['configuration', ...Object.keys(definition.space).map((name) => `parameter:${name}`)],
    }),
  );
  const by = colourBy === '' ? undefined : `parameter:${colourBy}`;
  const slices = useAnswer<SlicesAnswer>(
    model,
    x === trialNumberAxis ? undefined : question('slices', { ...common, by }),
  );
  // Means of one axis over the points of another would be nonsense: they come together or not at all.
  const fitting = slices.path !== undefined && !points.pending && !slices.pending ? slices.data : undefined;
  const answer = points.data;
  const drawn = answer?.columns[axisColumn(x)] ? answer : undefined;
  const choice = useBeside(props, hasAxis(x, shown));
  const beside = useBesideResults(
    props,
    choice.chosen,
    { x, metrics: shown, colour: colourBy },
    points.pending ? undefined : drawn,
  );
  // Until the answers for another axis are here, the charts stay as they were. The first ones do not wait for means.
  const last = useRef<MetricChartsProps | undefined>(undefined);
  const waiting = points.pending || (last.current !== undefined && x !== trialNumberAxis && slices.pending);
  if (drawn && !waiting) {
    const alone = others.length === 0;
    last.current = {
      ...{ answer: drawn, slices: fitting, colour: coloured, alone, x, metrics: shown, hovered },
      beside: beside.results,
      onOpen: openEither(choice.chosen, onOpen),
    };
  }
  const charts = last.current;

  return (
    <section
      class="panel metrics"
      aria-label="Metrics against a parameter"
      data-axis={x}
      data-colour={colourBy}
      data-axis-kind={charts?.x === x ? axisOf(x, charts.answer.columns[axisColumn(x)]).kind : undefined}
      aria-busy={waiting}
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
        <BesideSelect {...choice} onView={onView} />
        {metrics.length > 1 && (
          <MetricPicker metrics={metrics} shown={shown} onChange={(metrics) => onView({ metrics })} />
        )}
      </div>
      {coloured && <ColourLegend {...coloured} />}
      {points.error !== undefined && <p class="error">{points.error}</p>}
      {beside.error !== undefined && <p class="muted note">{beside.error}</p>}
      {charts ? <MetricCharts {...charts} /> : <GhostCharts n={shown.length} />}
      {drawn && (
        <PointLegend
          answer={drawn}
          lines={fitting !== undefined && drawsMeans(fitting)}
          replicated={(definition.maxReplicates ?? definition.replicates) > 1}
          beside={beside.results?.name}
        />
      )}
      {drawn && (
        <p class="muted note">
          {drawn.partial && model.progress?.reading && `${readingText(model.progress.reading)} `}
          {drawn.numbers.length < drawn.total &&
            `${drawn.numbers.length.toLocaleString('en')} of ${count(drawn.total, 'trial')} drawn, crowded places thinned. `}
          {drawn.absent > 0 && `${count(drawn.absent, 'trial')} without ${x} not shown.`}
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

/** Whether any value of x has several trials, so that a line joins means of them. */
function drawsMeans({ groups }: SlicesAnswer): boolean {
  return groups.some(({ slices }) => Object.values(slices).some(({ bins }) => bins.some(({ n }) => n > 1)));
}

/** Explains the marks that are on the charts, and only those. */
function PointLegend(props: {
  answer: PointsAnswer;
  lines: boolean;
  replicated: boolean;
  beside: string | undefined;
}) {
  const { answer, lines, replicated, beside } = props;
  const has = (state: PointsAnswer['states'][number]) => answer.states.includes(state);
  const marks = [
    has('running') && (['hollow', 'running: its latest report'] as const),
    has('pruned') && (['cross', 'pruned: its last report'] as const),
    lines && (['line', 'mean of what lies at one value'] as const),
    replicated && (['bar', 'standard deviation of replicates'] as const),
    beside !== undefined && (['triangle', beside] as const),
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
