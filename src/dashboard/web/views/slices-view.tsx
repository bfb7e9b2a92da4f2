import type { SlicesAnswer } from '../../api/charts.js';
import type { GridAnswer } from '../../api/views.js';
import { ContourChart } from '../charts/contour-chart.js';
import { LineChart } from '../charts/line-chart.js';
import { overhang } from '../charts/point-styles.js';
import { metricScale, parameterScale } from '../charts/scales.js';
import { faded, type ChartTheme } from '../charts/theme.js';
import { axisNames, axisOf, type Axis } from '../data/axis.js';
import { count, formatMetric, formatParameter } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { CsvButton, PngButton } from './downloads.js';
import { MetricSelect } from './metric-select.js';
import { GhostCharts } from './notices.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';

type Bins = SlicesAnswer['groups'][number]['slices'][string]['bins'];

/** A metric over each parameter by itself, and over two of them together. */
export function SlicesView(props: SectionProps) {
  const { definition, metrics, view, onView } = props;
  const metric = view.metric ?? metrics[0] ?? '';
  const names = axisNames(definition);
  return (
    <>
      <section class="panel slices" aria-label="Slices">
        <div class="panel-head">
          <MetricSelect label="Mean of" {...{ metrics, metric, onView }} />
          <p class="muted">of completed trials over each parameter; dashed: tenth and ninetieth percentile</p>
        </div>
        <div class="small-charts">
          {names.map((name) => (
            <SliceFigure key={name} name={name} metric={metric} {...props} />
          ))}
        </div>
      </section>
      {names.length > 1 && <ContourSection {...props} metric={metric} names={names} />}
    </>
  );
}

function SliceFigure({
  name,
  metric,
  model,
  definition,
  view,
}: SectionProps & { name: string; metric: string }) {
  const [x, y] = [`parameter:${name}`, `metric:${metric}`];
  const { data } = useAnswer<SlicesAnswer>(model, question('slices', { x, y, where: view.where }));
  const bins = data?.groups[0]?.slices[y]?.bins;
  if (!data) return <GhostCharts n={1} />;
  if (!bins || bins.length === 0) return null;
  const parameter = definition.space[name];
  const listed = parameter?.kind === 'choice' || parameter?.kind === 'ordinal' ? parameter.values : undefined;
  const ordered =
    parameter?.kind === 'choice' && listed?.every((value) => typeof value === 'number')
      ? [...listed].sort((a, b) => Number(a) - Number(b))
      : listed;
  const isLog = (parameter?.kind === 'int' || parameter?.kind === 'float') && parameter.log;
  const axis = axisOf(name, { log: isLog, values: [], ...(ordered && { categories: [...ordered] }) });
  const at = (value: number) => (axis.kind === 'category' ? axis.categories[value] : formatParameter(value));
  return (
    <LineChart
      class="line-chart small"
      title={name}
      label={`mean of ${metric} over ${name}`}
      data={data}
      draw={(theme) => drawSlice(bins, axis, metric, theme)}
      describe={({ x, y }) => {
        const bin = bins.find((each) => each.x === x);
        return [
          `${name} ${at(x) ?? ''}`,
          `mean ${metric}  ${formatMetric(metric, y)}`,
          bin ? count(bin.n, 'trial') : '',
        ];
      }}
    >
      <PngButton name={`${metric}-over-${name}`} />
      <CsvButton
        name={`${metric}-over-${name}`}
        rows={() => [
          [
            name,
            'trials',
            `mean ${metric}`,
            'standard deviation',
            'tenth percentile',
            'ninetieth percentile',
          ],
          ...bins.map((bin) => [at(bin.x), bin.n, bin.mean, bin.spread, bin.low, bin.high]),
        ]}
      />
    </LineChart>
  );
}

function drawSlice(bins: Bins, axis: Axis, metric: string, theme: ChartTheme) {
  const isCategory = axis.kind === 'category';
  const line = (key: 'mean' | 'low' | 'high') => ({
    // Only the means say what they are when one points at them.
    data: bins.map((bin) => ({ x: bin.x, y: bin[key], ...(key === 'mean' && { trial: 0 }) })),
    showLine: !isCategory,
    clip: overhang,
    borderColor: key === 'mean' ? theme.accent : faded(theme.accent, 0.6),
    borderWidth: key === 'mean' ? 2 : 1,
    ...(key !== 'mean' && { borderDash: [4, 3] }),
    pointStyle: key === 'mean' ? ('circle' as const) : ('line' as const),
    pointRadius: key === 'mean' ? 2.5 : isCategory ? 6 : 0,
    pointBackgroundColor: theme.accent,
    pointBorderColor: theme.accent,
  });
  return {
    datasets: [line('low'), line('high'), line('mean')],
    scales: {
      x: parameterScale(
        axis,
        bins.map(({ x }) => x),
        { theme, title: '' },
      ),
      y: metricScale(
        metric,
        bins.flatMap(({ low, high, mean }) => [low, high, mean]),
        {
          theme,
          title: '',
          at: 'y' as const,
        },
      ),
    },
  };
}

function ContourSection(
  props: SectionProps & { readonly metric: string; readonly names: readonly string[] },
) {
  const { model, definition, metric, names, view, onView } = props;
  const x = names.includes(view.x ?? '') ? (view.x ?? '') : (names[0] ?? '');
  const others = names.filter((name) => name !== x);
  const y = others.includes(view.y ?? '') ? (view.y ?? '') : (others[0] ?? '');
  const { data } = useAnswer<GridAnswer>(
    model,
    question('grid', {
      x: `parameter:${x}`,
      y: `parameter:${y}`,
      value: `metric:${metric}`,
      where: view.where,
    }),
  );
  const direction = definition.objectives[metric] ?? 'maximize';
  return (
    <section class="panel contour" aria-label="Map of two parameters" data-x={x} data-y={y}>
      <div class="panel-head">
        <h2>{metric} over two parameters</h2>
        <Select
          label="x"
          value={x}
          options={names.map((name) => [name, name])}
          onChange={(x) => onView({ x })}
        />
        <Select
          label="y"
          value={y}
          options={others.map((name) => [name, name])}
          onChange={(y) => onView({ y })}
        />
      </div>
      {!data ? (
        <GhostCharts n={2} />
      ) : !data.grid ? (
        <p class="muted note">No completed trial has all three.</p>
      ) : (
        <ContourChart grid={data.grid} {...{ x, y, metric, direction }} />
      )}
    </section>
  );
}
