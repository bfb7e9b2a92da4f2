import { useMemo, useState } from 'preact/hooks';
import type { PointsAnswer } from '../../api/charts.js';
import { ParallelChart, type Brush } from '../charts/parallel-chart.js';
import { axisNames } from '../data/axis.js';
import { count } from '../data/format.js';
import { dimensionsOf, expressionOf, linesWithin } from '../data/parallel.js';
import { question, useAnswer } from '../live/use-answer.js';
import { MetricPicker } from './metric-picker.js';
import { GhostCharts } from './notices.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';

/** Every trial as a line over its parameters and metrics; ranges on the axes choose among them. */
export function ParallelView(props: SectionProps) {
  const { model, definition, metrics, view, onView, onOpen } = props;
  const parameters = axisNames(definition);
  const chosen = view.metrics?.filter((name) => metrics.includes(name)) ?? [];
  const shown = chosen.length > 0 ? chosen : metrics.slice(0, 3);
  const colour = view.colour !== undefined && shown.includes(view.colour) ? view.colour : (shown[0] ?? '');
  const [brushes, setBrushes] = useState<readonly Brush[]>([]);
  const first = parameters[0];
  const { data } = useAnswer<PointsAnswer>(
    model,
    first === undefined
      ? undefined
      : question('points', {
          x: `metric:${colour}`,
          y: [...shown.map((name) => `metric:${name}`), ...parameters.map((name) => `parameter:${name}`)],
          where: view.where,
          most: 1500,
        }),
  );
  const dimensions = useMemo(
    () =>
      data
        ? dimensionsOf(data, [
            ...parameters.map((name) => `parameter:${name}`),
            ...shown.map((name) => `metric:${name}`),
          ])
        : [],
    [data, shown.join()],
  );
  const within = useMemo(() => linesWithin(dimensions, brushes), [dimensions, brushes]);
  const direction = definition.objectives[colour] ?? 'maximize';
  return (
    <section
      class="panel parallel"
      aria-label="Parallel coordinates"
      data-lines={data?.numbers.length}
      data-within={within.length}
    >
      <div class="panel-head">
        <Select
          label="Coloured by"
          value={colour}
          options={shown.map((name) => [name, name])}
          onChange={(colour) => onView({ colour })}
        />
        <MetricPicker metrics={metrics} shown={shown} onChange={(metrics) => onView({ metrics })} />
        <p class="muted push" role="status">
          {brushes.length > 0 && `${within.length} of `}
          {data && count(data.numbers.length, 'line')}
          {data && data.numbers.length < data.total && ` for ${count(data.total, 'trial')}`}
        </p>
        {brushes.length > 0 && (
          <>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                onView({ where: expressionOf(dimensions, brushes, view.where) });
                setBrushes([]);
              }}
            >
              Filter all views to these
            </button>
            <button type="button" class="quiet" onClick={() => setBrushes([])}>
              Clear ranges
            </button>
          </>
        )}
      </div>
      {data && dimensions.length > 0 ? (
        <ParallelChart
          numbers={data.numbers}
          {...{ dimensions, brushes, within, direction, onOpen }}
          colour={`metric:${colour}`}
          onBrush={(brush) =>
            setBrushes([
              ...brushes.filter(({ id }) => id !== brush.id),
              ...(brush.low > 0 || brush.high < 1 ? [brush] : []),
            ])
          }
        />
      ) : (
        <GhostCharts n={2} />
      )}
    </section>
  );
}
