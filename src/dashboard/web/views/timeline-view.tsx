import type { TimelineAnswer } from '../../api/views.js';
import { count } from '../data/format.js';
import { formatDuration } from '../../../sweep/units.js';
import { question, useAnswer } from '../live/use-answer.js';
import { CsvButton, PngButton } from './downloads.js';
import { GhostCharts } from './notices.js';
import type { SectionProps } from './shared-props.js';
import { useChartTheme, type ChartTheme } from '../charts/theme.js';
import { useNarrow } from '../charts/use-narrow.js';

type Worker = TimelineAnswer['workers'][number];

const lane = 9;
const gap = 9;

/** Who trained when: gaps are idle time, what was lost stands out. */
export function TimelineView({ model, onOpen, running }: SectionProps) {
  const { data } = useAnswer<TimelineAnswer>(model, question('timeline', {}), {
    follow: running ? 'always' : 'once',
  });
  const theme = useChartTheme();
  return (
    <section class="panel timeline" aria-label="Timeline by worker" data-attempts={data?.total}>
      <div class="panel-head">
        <h2>Timeline</h2>
        {data && (
          <p class="muted">
            {count(data.total, 'attempt')} on {count(data.workers.length, 'worker')} in{' '}
            {formatDuration((data.to - data.from) / 1000)}
          </p>
        )}
      </div>
      {data ? (
        <>
          <TimelineFigure data={data} theme={theme} onOpen={onOpen} />
          <WorkerTable data={data} />
        </>
      ) : (
        <GhostCharts n={2} />
      )}
    </section>
  );
}

interface FigureProps {
  readonly data: TimelineAnswer;
  readonly theme: ChartTheme;
  readonly onOpen: (trial: number) => void;
}

function TimelineFigure({ data, theme, onOpen }: FigureProps) {
  const { from, to, workers } = data;
  const narrow = useNarrow();
  const [width, left, right] = narrow ? [480, 100, 86] : [1200, 150, 76];
  const mostLetters = narrow ? 13 : 20;
  const x = (at: number) => left + ((at - from) / (to - from)) * (width - left - right);
  const rows = workers.map((worker) => ({
    worker,
    lanes: 1 + worker.spans.reduce((most, span) => Math.max(most, span.lane), 0),
  }));
  const tops = rows.map((_, index) =>
    rows.slice(0, index).reduce((sum, { lanes }) => sum + lanes * lane + gap, 10),
  );
  const height = rows.reduce((sum, { lanes }) => sum + lanes * lane + gap, 10) + 26;
  const text = { fill: theme.muted, 'font-size': 12, 'font-family': 'system-ui, sans-serif' };
  const outcomes = [...new Set(workers.flatMap(({ spans }) => spans.map(({ outcome }) => outcome)))];
  return (
    <figure class="timeline-chart">
      <figcaption>
        <PngButton name="timeline" />
        <CsvButton name="timeline" rows={() => csvOf(data)} />
      </figcaption>
      <ul class="legend">
        {outcomes.map((outcome) => (
          <li key={outcome}>
            <i class="swatch" style={{ background: colourFor(outcome, theme) }} aria-hidden="true" />{' '}
            {outcome}
          </li>
        ))}
        <li>
          <i class="swatch idle" aria-hidden="true" /> idle
        </li>
      </ul>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`When ${count(workers.length, 'worker')} trained`}
      >
        {rows.map(({ worker, lanes }, index) => {
          const y = tops[index] ?? 0;
          return (
            <g key={worker.id} data-worker={worker.id}>
              <text x={left - 8} y={y + (lanes * lane) / 2 + 4} text-anchor="end" {...text}>
                {worker.id.length > mostLetters ? `${worker.id.slice(0, mostLetters - 1)}…` : worker.id}
              </text>
              <rect
                x={left}
                y={y}
                width={width - left - right}
                height={lanes * lane}
                fill={theme.line}
                opacity={0.6}
              />
              {worker.spans.map((span) => (
                <rect
                  key={`${span.lane} ${span.from}`}
                  x={x(span.from)}
                  y={y + span.lane * lane}
                  width={Math.max(x(span.to) - x(span.from) - 0.4, 0.6)}
                  height={lane - 1}
                  fill={colourFor(span.outcome, theme)}
                  class={span.number === undefined ? undefined : 'clickable'}
                  {...(span.number !== undefined && { onClick: () => onOpen(span.number ?? 0) })}
                >
                  <title>{describe(span)}</title>
                </rect>
              ))}
              <text x={width - right + 8} y={y + (lanes * lane) / 2 + 4} {...text}>
                {Math.round((100 * worker.seconds * 1000) / (to - from))} % busy
              </text>
            </g>
          );
        })}
        {(narrow ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((share) => (
          <text
            key={share}
            x={left + share * (width - left - right)}
            y={height - 6}
            text-anchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}
            {...text}
          >
            {formatDuration((share * (to - from)) / 1000)}
          </text>
        ))}
      </svg>
    </figure>
  );
}

function colourFor(outcome: string, theme: ChartTheme): string {
  const style = getComputedStyle(document.documentElement);
  const known = style.getPropertyValue(`--state-${outcome === 'lost' ? 'failed' : outcome}`).trim();
  return outcome === 'lost' ? theme.text : known || theme.muted;
}

function describe({ number, attempts, outcome, from, to }: Worker['spans'][number]): string {
  const what = number === undefined ? count(attempts, 'attempt') : `trial ${number}`;
  return `${what}, ${outcome}, ${formatDuration((to - from) / 1000)}`;
}

/** The same in numbers. */
function WorkerTable({ data }: { data: TimelineAnswer }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">worker</th>
            <th scope="col" class="number">
              attempts
            </th>
            <th scope="col" class="number">
              training
            </th>
            <th scope="col" class="number">
              idle
            </th>
          </tr>
        </thead>
        <tbody>
          {data.workers.map(({ id, attempts, seconds }) => (
            <tr key={id}>
              <td class="id">{id}</td>
              <td class="number">{attempts.toLocaleString('en')}</td>
              <td class="number">{formatDuration(seconds)}</td>
              <td class="number">{formatDuration(Math.max(0, (data.to - data.from) / 1000 - seconds))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function csvOf({ workers }: TimelineAnswer) {
  return [
    ['worker', 'from', 'to', 'outcome', 'trial', 'attempts'],
    ...workers.flatMap(({ id, spans }) =>
      spans.map(({ from, to, outcome, number, attempts }) => [
        id,
        new Date(from).toISOString(),
        new Date(to).toISOString(),
        outcome,
        number,
        attempts,
      ]),
    ),
  ];
}
