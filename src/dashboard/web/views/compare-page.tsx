import { useEffect, useState } from 'preact/hooks';
import type { SweepSummary } from '../../api.js';
import type { HistoryAnswer } from '../../api/charts.js';
import { historyPoints } from '../charts/best-chart.js';
import { LineChart } from '../charts/line-chart.js';
import { colourOf } from '../charts/metric-charts.js';
import { lineDataset } from '../charts/point-styles.js';
import { durationScale, metricScale, parameterScale } from '../charts/scales.js';
import { useChartTheme, type ChartTheme } from '../charts/theme.js';
import { formatMetric, formatParameters } from '../data/format.js';
import { formatDuration } from '../../../sweep/units.js';
import { ListModel } from '../live/list-model.js';
import { useVersion } from '../live/observable.js';
import { formatRoute } from '../routing.js';
import { CsvButton, PngButton } from './downloads.js';
import { Frame } from './frame.js';
import { Blank, GhostCharts, Loading, Refused } from './notices.js';
import { Select } from './select.js';

interface Compared {
  readonly sweep: SweepSummary;
  readonly history: HistoryAnswer;
}

/** Several sweeps in one chart of the best so far. */
export function ComparePage({ ids }: { readonly ids: readonly string[] }) {
  const [model] = useState(() => new ListModel());
  useEffect(() => () => model.close(), [model]);
  useVersion(model);
  const sweeps = model.sweeps?.filter(({ id }) => ids.includes(id));
  const histories = useHistories(sweeps ?? []);
  const [over, setOver] = useState<'trials' | 'time'>('trials');
  const compared = (sweeps ?? []).flatMap((sweep): Compared[] => {
    const history = histories.get(sweep.id);
    return history ? [{ sweep, history }] : [];
  });
  return (
    <Frame
      title="compare"
      status={model.status}
      problem={model.problem}
      changing={sweeps?.some(({ state }) => state === 'running') ?? false}
      onRetry={() => model.retry()}
    >
      {model.status.kind === 'refused' ? (
        <Refused {...model.status} />
      ) : sweeps === undefined ? (
        <Loading what="sweeps" />
      ) : sweeps.length === 0 ? (
        <Blank title="Nothing to compare">
          <p>
            Choose sweeps in <a href="#/">the list</a>.
          </p>
        </Blank>
      ) : (
        <section class="panel compare" aria-label="Compared sweeps" data-sweeps={compared.length}>
          <div class="panel-head">
            <h1>Best so far</h1>
            <Select
              label="over"
              value={over}
              options={[
                ['trials', 'trials'],
                ['time', 'time'],
              ]}
              onChange={(value) => setOver(value === 'time' ? 'time' : 'trials')}
            />
          </div>
          {compared.length > 0 ? <CompareChart compared={compared} over={over} /> : <GhostCharts n={2} />}
          <CompareTable sweeps={sweeps} />
        </section>
      )}
    </Frame>
  );
}

/** The histories, each read again when another trial of its sweep has completed. */
function useHistories(sweeps: readonly SweepSummary[]): ReadonlyMap<string, HistoryAnswer> {
  const [histories, setHistories] = useState<ReadonlyMap<string, HistoryAnswer>>(new Map());
  const state = sweeps.map(({ id, counts }) => `${id} ${counts.completed}`).join();
  useEffect(() => {
    const abort = new AbortController();
    for (const { id, counts } of sweeps) {
      if (histories.get(id)?.completed === counts.completed) continue;
      fetch(`./api/v1/sweeps/${encodeURIComponent(id)}/history?most=10`, { signal: abort.signal })
        .then(async (response) => {
          if (!response.ok) return;
          const history = (await response.json()) as HistoryAnswer;
          setHistories((known) => new Map(known).set(id, history));
        })
        // The frame says that the server is away.
        .catch(() => undefined);
    }
    return () => abort.abort();
  }, [state]);
  return histories;
}

function CompareChart({ compared, over }: { compared: readonly Compared[]; over: 'trials' | 'time' }) {
  const theme = useChartTheme();
  const [first] = compared;
  const metric = first?.history.metric ?? '';
  // What counts for another thing can't be drawn on the same axis.
  const fitting = compared.filter(({ history }) => history.metric === metric);
  return (
    <>
      <ul class="legend">
        {fitting.map(({ sweep }, index) => (
          <li key={sweep.id}>
            <i class="dot" style={{ background: colourOf(theme, index) }} aria-hidden="true" />
            <a href={formatRoute({ page: 'sweep', sweepId: sweep.id, tab: 'overview', view: {} })}>
              {sweep.name}
            </a>
            <span class="muted">{sweep.id}</span>
          </li>
        ))}
      </ul>
      <LineChart
        class="line-chart tall"
        title={`best ${metric} so far`}
        label={`Best ${metric} so far of ${fitting.map(({ sweep }) => sweep.name).join(', ')}`}
        data={`${over} ${fitting.map(({ history }) => `${history.revision}`).join()}`}
        draw={(theme) => draw(fitting, over, metric, theme)}
        describe={({ x, y, trial }) => [
          `${fitting[trial ?? 0]?.sweep.name ?? ''}`,
          `${metric}  ${formatMetric(metric, y)}`,
          over === 'time' ? `after ${formatDuration(x)}` : `after ${x} trials`,
        ]}
      >
        <PngButton name={`best-${metric}`} />
        <CsvButton
          name={`best-${metric}`}
          rows={() => [
            ['sweep', 'id', 'trial', 'completed', 'at', metric],
            ...fitting.flatMap(({ sweep, history }) =>
              history.improvements.map(({ number, completed, at, value }) => [
                sweep.name,
                sweep.id,
                number,
                completed,
                new Date(at).toISOString(),
                value,
              ]),
            ),
          ]}
        />
      </LineChart>
      {fitting.length < compared.length && (
        <p class="muted note">Sweeps with another primary objective than {metric} are not drawn.</p>
      )}
    </>
  );
}

function draw(fitting: readonly Compared[], over: 'trials' | 'time', metric: string, theme: ChartTheme) {
  const lines = fitting.map(({ history }) => historyPoints(history, over).steps);
  const all = lines.flat();
  const xs = all.map(({ x }) => x);
  return {
    datasets: lines.map((line, index) => ({
      ...lineDataset(
        line.map((point) => ({ ...point, trial: index })),
        colourOf(theme, index),
        'before' as const,
      ),
      pointRadius: 2,
      pointBackgroundColor: colourOf(theme, index),
    })),
    scales: {
      x:
        over === 'time'
          ? durationScale(xs, { theme, title: 'since the first trial started' })
          : parameterScale({ name: '#', kind: 'linear', categories: [] }, [0, ...xs], {
              theme,
              title: 'completed trials',
            }),
      y: metricScale(
        metric,
        all.map(({ y }) => y),
        { theme, title: '', at: 'y' },
      ),
    },
  };
}

function CompareTable({ sweeps }: { sweeps: readonly SweepSummary[] }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">sweep</th>
            <th scope="col">state</th>
            <th scope="col" class="number">
              completed
            </th>
            <th scope="col" class="number">
              best
            </th>
            <th scope="col">parameters</th>
          </tr>
        </thead>
        <tbody>
          {sweeps.map((sweep) => (
            <tr key={sweep.id}>
              <td>
                <a href={formatRoute({ page: 'sweep', sweepId: sweep.id, tab: 'overview', view: {} })}>
                  {sweep.name}
                </a>
              </td>
              <td>{sweep.shown}</td>
              <td class="number">{sweep.counts.completed.toLocaleString('en')}</td>
              <td class="number">
                {sweep.best ? formatMetric(sweep.objective.metric, sweep.best.value) : '–'}
              </td>
              <td class="parameters">{sweep.best && formatParameters(sweep.best.parameters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
