import type { CurvesAnswer } from '../../api/views.js';
import { type ChartPoint, type ScatterDataset } from '../charts/chart.js';
import { LineChart } from '../charts/line-chart.js';
import { overhang } from '../charts/point-styles.js';
import { stepScales } from '../charts/scales.js';
import { faded, type ChartTheme } from '../charts/theme.js';
import { count, formatMetric } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { CsvButton, PngButton } from './downloads.js';
import { MetricSelect } from './metric-select.js';
import { GhostCharts } from './notices.js';
import type { SectionProps } from './shared-props.js';

type Curve = CurvesAnswer['curves'][number];

/** How metrics developed while trials ran, and where pruned ones were stopped. */
export function CurvesView(props: SectionProps) {
  const { model, metrics, view, onView, hovered, onOpen } = props;
  const metric = view.metric ?? metrics[0] ?? '';
  const { data } = useAnswer<CurvesAnswer>(model, question('curves', { metric, where: view.where }));
  const fitting = data?.metric === metric ? data : undefined;
  return (
    <section class="panel curves" aria-label="Learning curves" data-curves={fitting?.curves.length}>
      <div class="panel-head">
        <MetricSelect label="Curves of" {...{ metrics, metric, onView }} />
        {fitting && (
          <p class="muted">
            {fitting.curves.length < fitting.total
              ? `${fitting.curves.length} of ${count(fitting.total, 'trial')}: the best, those that run, and others evenly over the sweep`
              : count(fitting.total, 'trial')}
          </p>
        )}
      </div>
      {!fitting ? (
        <GhostCharts n={2} />
      ) : fitting.curves.length === 0 ? (
        <p class="muted note">No trial has reported {metric} while it ran.</p>
      ) : (
        <>
          <LineChart
            class="line-chart tall"
            title={`${metric} over steps`}
            label={`${metric} over steps of ${count(fitting.curves.length, 'trial')}`}
            data={fitting}
            draw={(theme) => drawCurves(fitting, theme)}
            describe={(point) => describeCurve(fitting, point)}
            hovered={hovered}
            onOpen={onOpen}
          >
            <PngButton name={`curves-${metric}`} />
            <CsvButton
              name={`curves-${metric}`}
              rows={() => [
                ['trial', 'state', 'step', metric],
                ...fitting.curves.flatMap(({ number, state, steps, values }) =>
                  steps.map((step, index) => [number, state, step, values[index]]),
                ),
              ]}
            />
          </LineChart>
          <ul class="legend marks">
            <li>
              <i class="mark line" aria-hidden="true" /> median of these curves, with quartiles
            </li>
            {fitting.curves.some(({ state }) => state === 'pruned') && (
              <li>
                <i class="mark cross" aria-hidden="true" /> pruned here
              </li>
            )}
          </ul>
          <StoppedTrials curves={fitting.curves} onOpen={onOpen} />
        </>
      )}
    </section>
  );
}

function drawCurves({ curves, bands, metric }: CurvesAnswer, theme: ChartTheme) {
  const points = (curve: Curve): ChartPoint[] =>
    curve.steps.map((x, index) => ({ x, y: curve.values[index] ?? NaN, trial: curve.number }));
  const line = (curve: Curve): ScatterDataset => ({
    data: points(curve),
    showLine: true,
    clip: overhang,
    borderWidth: 1,
    borderColor: faded(curve.state === 'pruned' ? (theme.series[3] ?? theme.muted) : theme.muted, 0.45),
    pointRadius: curve.steps.length === 1 ? 2 : 0,
    pointBackgroundColor: theme.muted,
    pointHoverRadius: 4,
    pointHoverBackgroundColor: theme.accent,
  });
  const ends = curves.filter(({ state }) => state === 'pruned').flatMap((curve) => points(curve).slice(-1));
  const band = (values: readonly number[], width: number): ScatterDataset => ({
    data: bands.map(({ step }, index) => ({ x: step, y: values[index] ?? NaN })),
    showLine: true,
    borderColor: theme.accent,
    borderWidth: width,
    pointRadius: 0,
    clip: overhang,
    ...(width === 1 && { borderDash: [4, 3] }),
  });
  const all = curves.flatMap(points);
  return {
    datasets: [
      band(
        bands.map(({ middle }) => middle),
        2.5,
      ),
      band(
        bands.map(({ low }) => low),
        1,
      ),
      band(
        bands.map(({ high }) => high),
        1,
      ),
      {
        data: ends,
        showLine: false,
        clip: overhang,
        pointStyle: 'crossRot' as const,
        pointRadius: 4,
        pointHoverRadius: 6,
        pointBorderColor: theme.series[3] ?? theme.muted,
        pointBorderWidth: 1.5,
      },
      ...curves.map(line),
    ],
    scales: stepScales(metric, all, theme),
  };
}

function describeCurve({ curves, metric }: CurvesAnswer, { trial, x, y }: ChartPoint): string[] {
  const curve = curves.find(({ number }) => number === trial);
  return [
    `Trial ${trial}, ${curve?.state ?? ''}`,
    `step ${x}: ${metric} ${formatMetric(metric, y)}`,
    ...(curve?.reason !== undefined ? [curve.reason] : []),
  ];
}

/** Why trials were stopped, in words. */
function StoppedTrials({ curves, onOpen }: { curves: readonly Curve[]; onOpen: (trial: number) => void }) {
  const stopped = curves.filter(({ state, reason }) => state !== 'completed' && reason !== undefined);
  if (stopped.length === 0) return null;
  return (
    <details class="front">
      <summary>Stopped before the end: {count(stopped.length, 'trial')}</summary>
      <ul class="reasons">
        {stopped.map(({ number, state, reason, steps }) => (
          <li key={number}>
            <button type="button" class="link" onClick={() => onOpen(number)}>
              {number}
            </button>{' '}
            {state} at step {steps.at(-1)}: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
