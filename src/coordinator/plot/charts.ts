import { frontOf } from '../../analysis/front.js';
import { importanceOf } from '../../analysis/importance.js';
import { rankSweep, type RankedConfiguration } from '../../analysis/ranking.js';
import { Surrogate } from '../../analysis/surrogate.js';
import { compileLimits } from '../../sweep/limits.js';
import { compareValues } from '../../sweep/objective.js';
import type { Parameter, ParameterValue } from '../../sweep/parameter.js';
import { Direction, type SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';
import { formatNumber } from '../../sweep/units.js';
import { besidePoints, drawBeside, type BesideInput } from './beside.js';
import { colours, Figure, series } from './figure.js';
import { listScale, numberScale, type Scale } from './scale.js';

/** A metric over the steps of one trial. */
export interface TrialCurve {
  readonly trial: Trial;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export interface ChartInput {
  readonly definition: SweepDefinition;
  readonly trials: readonly Trial[];
  /** The metric that is shown; the first objective usually. */
  readonly metric: string;
  /** The other axis of a trade-off. */
  readonly against?: string;
  /** Of a slice. */
  readonly parameter?: string;
  /** For learning curves. */
  readonly curves?: readonly TrialCurve[];
  /** Drawn beside, in a trade-off or a slice. */
  readonly beside?: BesideInput;
}

export const chartNames = ['best', 'tradeoff', 'curves', 'importance', 'slice', 'parallel'] as const;
export type ChartName = (typeof chartNames)[number];

/** The picture, or why there is none. */
export function drawChart(name: ChartName, input: ChartInput): Figure | string {
  switch (name) {
    case 'best':
      return bestChart(input);
    case 'tradeoff':
      return tradeoffChart(input);
    case 'curves':
      return curvesChart(input);
    case 'importance':
      return importanceChart(input);
    case 'slice':
      return sliceChart(input);
    case 'parallel':
      return parallelChart(input);
  }
}

function directionOf({ definition, metric }: ChartInput): Direction {
  return definition.objectives[metric] ?? Direction.Minimize;
}

function tipOf(trial: Pick<Trial, 'number' | 'parameters'>, metric: string, value: number): string {
  const parameters = Object.entries(trial.parameters).map(([name, v]) => `${name}=${String(v)}`);
  return `trial ${trial.number}: ${metric} ${formatNumber(value)}\n${parameters.join(' ')}`;
}

function bestChart(input: ChartInput): Figure | string {
  const { definition, metric } = input;
  const limits = compileLimits(definition);
  const direction = directionOf(input);
  const ended = input.trials
    .flatMap((trial) => {
      const value = trial.metrics[metric];
      return trial.state === 'completed' && value !== undefined ? [{ trial, value }] : [];
    })
    .sort((a, b) => (a.trial.finishedAt ?? 0) - (b.trial.finishedAt ?? 0) || a.trial.number - b.trial.number);
  if (ended.length === 0) return `no completed trial has ${metric}`;
  const figure = new Figure(`${definition.name}: best ${metric} so far`);
  const values = ended.map(({ value }) => value);
  const place = figure.axes(numberScale('trials that ended', [1, ended.length]), numberScale(metric, values));
  const steps: [number, number][] = [];
  let best: number | undefined;
  ended.forEach(({ trial, value }, index) => {
    const feasible = limits(trial.parameters, trial.metrics).length === 0;
    const x = place.x(index + 1);
    figure.point([x, place.y(value)], feasible ? colours.point : colours.faint, {
      radius: 3,
      opacity: 0.6,
      tip: tipOf(trial, metric, value),
    });
    if (best !== undefined) steps.push([x, place.y(best)]);
    if (feasible && compareValues(value, best, direction) < 0) best = value;
    if (best !== undefined) steps.push([x, place.y(best)]);
  });
  figure.path(steps, colours.best, { width: 2.5 });
  return figure;
}

function tradeoffChart(input: ChartInput): Figure | string {
  const { definition, metric, trials, beside } = input;
  const against = input.against ?? Object.keys(definition.objectives).find((name) => name !== metric);
  if (against === undefined) return 'a trade-off needs two metrics: --against NAME';
  const { rows } = rankSweep(definition, trials);
  const points = rows.flatMap((row) => {
    const [x, y] = [row.metrics[against]?.mean, row.metrics[metric]?.mean];
    return x === undefined || y === undefined ? [] : [{ row, x, y }];
  });
  if (points.length === 0) return `no completed trial has ${metric} and ${against}`;
  const figure = new Figure(`${definition.name}: ${metric} against ${against}`);
  const others = besidePoints(beside, metric, (row) => row.metrics[against]?.mean);
  const values = [...points, ...others].map(({ x }) => x);
  const log = Math.max(...values) / Math.min(...values) > 20;
  const place = figure.axes(
    numberScale(against, values, log),
    numberScale(metric, [...points.map(({ y }) => y), ...others.map(({ y }) => y.mean)]),
  );
  if (beside) drawBeside(figure, beside, metric, others, place);
  const isObjective =
    definition.objectives[against] !== undefined && definition.objectives[metric] !== undefined;
  const front = isObjective ? frontOf(definition, trials, [metric, against]) : undefined;
  const onFront = new Set(front?.rows.map(({ configuration }) => configuration));
  for (const { row, x, y } of points) {
    const colour =
      row.broken.length > 0 ? colours.faint : onFront.has(row.configuration) ? colours.best : colours.point;
    const [first] = row.trials;
    if (first)
      figure.point([place.x(x), place.y(y)], colour, {
        tip: `${tipOf(first, metric, y)}\n${against} ${formatNumber(x)}`,
      });
  }
  const line = points
    .filter(({ row }) => onFront.has(row.configuration))
    .sort((a, b) => a.x - b.x)
    .map(({ x, y }): [number, number] => [place.x(x), place.y(y)]);
  figure.path(line, colours.best, { width: 1.5 });
  return figure;
}

function curvesChart({ definition, metric, curves = [] }: ChartInput): Figure | string {
  const drawn = curves.filter(({ steps }) => steps.length > 1);
  if (drawn.length === 0) return `no trial has reported ${metric} more than once`;
  const figure = new Figure(`${definition.name}: ${metric} over steps`);
  const place = figure.axes(
    numberScale(
      'step',
      drawn.flatMap(({ steps }) => [steps[0] ?? 0, steps.at(-1) ?? 0]),
    ),
    numberScale(
      metric,
      drawn.flatMap(({ values }) => values),
    ),
  );
  drawn.forEach(({ trial, steps, values }, index) => {
    const colour =
      trial.state === 'pruned' ? colours.faint : (series[index % series.length] ?? colours.point);
    const points = steps.map((step, i): [number, number] => [place.x(step), place.y(values[i] ?? NaN)]);
    figure.path(points, colour, { width: 1.5, opacity: 0.8, tip: `trial ${trial.number} (${trial.state})` });
    const last = points.at(-1);
    if (last && trial.state === 'pruned')
      figure.text(last[0] - 4, last[1] + 4, '×', { colour: colours.text });
  });
  return figure;
}

function importanceChart({ definition, trials, metric }: ChartInput): Figure | string {
  const surrogate = Surrogate.of(definition, trials, metric);
  if (!surrogate) return `too few configurations with different ${metric}`;
  const { parameters, explained } = importanceOf(surrogate, metric);
  const shown = parameters.slice(0, 20);
  const left = Math.min(260, 40 + 7.5 * Math.max(...shown.map(({ name }) => name.length)));
  const figure = new Figure(
    `${definition.name}: what ${metric} depends on (model explains ${Math.round(100 * explained)}%)`,
    { width: 800, height: 110 + 28 * shown.length },
    left,
  );
  const { top, width } = figure.inner;
  shown.forEach(({ name, share }, index) => {
    const y = top + 28 * index;
    figure.text(left - 10, y + 16, name, { anchor: 'end' });
    figure.bar([left, y + 3, (width - 60) * share, 18], explained < 0.3 ? colours.faint : colours.point);
    figure.text(left + (width - 60) * share + 6, y + 16, `${Math.round(100 * share)}%`);
  });
  return figure;
}

function parameterScale(
  name: string,
  parameter: Parameter | undefined,
  values: readonly ParameterValue[],
): Scale {
  const numbers = values.filter((value): value is number => typeof value === 'number');
  if (numbers.length < values.length || values.length === 0) {
    const listed = parameter?.kind === 'choice' || parameter?.kind === 'ordinal' ? parameter.values : values;
    return listScale(name, listed);
  }
  const log = (parameter?.kind === 'float' || parameter?.kind === 'int') && parameter.log;
  return numberScale(name, numbers, log);
}

function sliceChart(input: ChartInput): Figure | string {
  const { definition, trials, metric, beside } = input;
  const surrogate = Surrogate.of(definition, trials, metric);
  const name =
    input.parameter ??
    (surrogate ? importanceOf(surrogate, metric).parameters[0]?.name : Object.keys(definition.space)[0]) ??
    '';
  const parameter = definition.space[name];
  if (!parameter) return `"${name}" is not a parameter of the space`;
  const points = rankSweep(definition, trials).rows.flatMap((row) => {
    const [x, summary] = [row.parameters[name], row.metrics[metric]];
    return x === undefined || !summary ? [] : [{ row, x, summary }];
  });
  if (points.length === 0) return `no completed trial has ${metric} and ${name}`;
  const figure = new Figure(`${definition.name}: ${metric} over ${name}`);
  const listed = parameter.kind === 'choice' || parameter.kind === 'ordinal' ? parameter.values : undefined;
  const others = besidePoints(beside, metric, (row) => row.parameters[name]).filter(
    ({ x }) => listed?.includes(x) ?? typeof x === 'number',
  );
  const reach = [...points.map(({ summary }) => summary), ...others.map(({ y }) => y)].flatMap(
    ({ mean, spread = 0 }) => [mean - spread, mean + spread],
  );
  const place = figure.axes(
    parameterScale(
      name,
      parameter,
      [...points, ...others].map(({ x }) => x),
    ),
    numberScale(metric, reach),
  );
  if (beside) drawBeside(figure, beside, metric, others, place);
  const effect =
    surrogate && parameter.kind !== 'derived' && parameter.kind !== 'choice' ? surrogate.effect(name) : [];
  const [low, high] = [figure.inner.left, figure.inner.left + figure.inner.width];
  const inside = effect.filter(({ value }) => place.x(value) >= low && place.x(value) <= high);
  const edge = (sign: number): [number, number][] =>
    inside.map(({ value, mean, deviation }) => [place.x(value), place.y(mean + sign * deviation)]);
  figure.area([...edge(1), ...edge(-1).reverse()], colours.best, 0.14);
  figure.path(
    inside.map(({ value, mean }): [number, number] => [place.x(value), place.y(mean)]),
    colours.best,
  );
  for (const { row, x, summary } of points)
    drawSlicePoint(figure, row, [place.x(x), place.y], summary, metric);
  return figure;
}

function drawSlicePoint(
  figure: Figure,
  row: RankedConfiguration,
  [x, y]: readonly [number, (value: number) => number],
  { mean, spread }: { readonly mean: number; readonly spread?: number },
  metric: string,
): void {
  const colour = row.broken.length > 0 ? colours.faint : colours.point;
  if (spread !== undefined) figure.line([x, y(mean - spread), x, y(mean + spread)], colour);
  const [first] = row.trials;
  figure.point([x, y(mean)], colour, { tip: first ? tipOf(first, metric, mean) : '' });
}

/** Lines over all parameters and the metric; the best tenth in colour, on top. */
function parallelChart(input: ChartInput): Figure | string {
  const { definition, trials, metric } = input;
  const rows = rankSweep(definition, trials, definition.objectives[metric] ? metric : undefined).rows.filter(
    (row) => row.metrics[metric] !== undefined,
  );
  if (rows.length === 0) return `no completed trial has ${metric}`;
  const names = Object.keys(definition.space).slice(0, 15);
  const scales = [
    ...names.map((name) =>
      parameterScale(
        name,
        definition.space[name],
        rows.flatMap((row) => row.parameters[name] ?? []),
      ),
    ),
    numberScale(
      metric,
      rows.map((row) => row.metrics[metric]?.mean ?? NaN),
    ),
  ];
  const figure = new Figure(
    `${definition.name}: parameters and ${metric}`,
    { width: Math.max(800, 130 * scales.length), height: 500 },
    60,
  );
  const { left, top, width, height } = figure.inner;
  const x = (axis: number): number => left + (axis * (width - 40)) / Math.max(1, scales.length - 1);
  const bestCount = Math.max(1, Math.ceil(rows.length / 10));
  [...rows.slice(0, 2000).entries()].reverse().forEach(([rank, row]) => {
    const values = [...names.map((name) => row.parameters[name]), row.metrics[metric]?.mean];
    const points = values.flatMap((value, axis): [number, number][] =>
      value === undefined ? [] : [[x(axis), top + (1 - (scales[axis]?.at(value) ?? 0)) * height]],
    );
    const isBest = rank < bestCount;
    figure.path(points, isBest ? colours.best : colours.faint, {
      width: isBest ? 2 : 1,
      opacity: isBest ? 0.9 : 0.35,
    });
  });
  scales.forEach(({ title, ticks }, axis) => {
    figure.line([x(axis), top, x(axis), top + height], colours.text);
    figure.text(x(axis), top + height + 22, title, { anchor: 'middle', bold: true });
    for (const { place, text } of ticks)
      figure.text(x(axis) + 4, top + (1 - place) * height + 4, text, { size: 10 });
  });
  return figure;
}
