import type { FrontAnswer } from '../../api/charts.js';
import { TradeOffChart } from '../charts/trade-off-chart.js';
import { axisNames } from '../data/axis.js';
import { count } from '../data/format.js';
import { question, useAnswer } from '../live/use-answer.js';
import { BesideSelect, hasMetrics, openEither, useBeside, useBesideFront } from './beside.js';
import { CsvButton } from './downloads.js';
import { GhostCharts } from './notices.js';
import { Select } from './select.js';
import type { SectionProps } from './shared-props.js';
import { FrontTable } from './trade-off-section.js';

/** Any two metrics against each other, a third thing as colour, with the front and the sweep's limits. */
export function TradeOffView(props: SectionProps) {
  const { model, definition, metrics, view, onView, hovered, onOpen } = props;
  const y = metrics.includes(view.y ?? '') ? (view.y ?? '') : (metrics[0] ?? '');
  const others = metrics.filter((name) => name !== y);
  const x = others.includes(view.x ?? '') ? (view.x ?? '') : (others[0] ?? '');
  const colours = [
    ...metrics.filter((name) => name !== x && name !== y).map((name) => `metric:${name}`),
    ...axisNames(definition).map((name) => `parameter:${name}`),
  ];
  const colour = colours.includes(view.colour ?? '') ? view.colour : undefined;
  const { data, error } = useAnswer<FrontAnswer>(
    model,
    x === '' ? undefined : question('front', { x, y, colour, where: view.where, most: 3000 }),
  );
  const choice = useBeside(props, hasMetrics([x, y]));
  const beside = useBesideFront(props, choice.chosen, { x, y });
  if (x === '') {
    return <p class="nothing-yet">A trade-off needs two metrics; this sweep has reported {y} alone.</p>;
  }
  return (
    <section
      class="panel trade-off large"
      aria-label={`${y} against ${x}`}
      data-front={data?.front.map(({ trials }) => trials[0]).join(' ')}
    >
      <div class="panel-head">
        <Select
          label="y"
          value={y}
          options={metrics.map((name) => [name, name])}
          onChange={(y) => onView({ y })}
        />
        <Select
          label="against x"
          value={x}
          options={others.map((name) => [name, name])}
          onChange={(x) => onView({ x })}
        />
        <Select
          label="coloured by"
          value={colour ?? ''}
          options={[['', 'nothing'], ...colours.map((id) => [id, id.slice(id.indexOf(':') + 1)] as const)]}
          onChange={(colour) => onView({ colour: colour === '' ? undefined : colour })}
        />
        <BesideSelect {...choice} onView={onView} />
        {data && (
          <p class="muted push">
            {data.front.length} of {count(data.total, 'configuration')} on the front
            {definition.limits.length > 0 && `; limits: ${definition.limits.join(', ')}`}
            {beside && `; △ ${beside.name}`}
          </p>
        )}
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      {data ? (
        <TradeOffChart
          answer={data}
          colour={colour}
          limits={definition.limits}
          beside={beside}
          hovered={hovered}
          onOpen={openEither(choice.chosen, onOpen)}
        >
          <CsvButton name={`${y}-${x}`} rows={() => csvOf(data)} />
        </TradeOffChart>
      ) : (
        <GhostCharts n={3} />
      )}
      {data && <FrontTable answer={data} onOpen={onOpen} open />}
    </section>
  );
}

function csvOf({ x, y, front, others }: FrontAnswer) {
  return [
    ['trial', x.metric, y.metric, 'on the front'],
    ...front.map(({ trials, metrics }) => [
      trials[0],
      metrics[x.metric]?.mean,
      metrics[y.metric]?.mean,
      true,
    ]),
    ...others.numbers.map((number, index) => [number, others.x[index], others.y[index], false]),
  ];
}
