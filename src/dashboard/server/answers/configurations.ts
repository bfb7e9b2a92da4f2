import type { z } from 'zod';
import { intervalsText, leadersText, rankMembers } from '../../../analysis/ranking.js';
import { compileLimits } from '../../../sweep/limits.js';
import { configurationResults, type ConfigurationResult } from '../../../sweep/objective.js';
import type {
  BestAnswer,
  bestQuery,
  FrontAnswer,
  frontQuery,
  HistoryAnswer,
  historyQuery,
  RankedConfiguration,
} from '../../api/charts.js';
import type { Column } from '../table/column.js';
import type { Configurations } from '../table/configurations.js';
import { sample } from '../table/sample.js';
import type { SweepContext } from './context.js';
import { columnData } from './points.js';

/**
 * Candidates by their means among which the ranking of `coordinator best` chooses, beyond those that are asked for: what
 * lies further behind has next to no chance, and a sweep may have 100,000 configurations.
 */
const margin = 50;

/** The best configurations, ranked as `coordinator best` does. */
export async function best(context: SweepContext, query: z.output<typeof bestQuery>): Promise<BestAnswer> {
  const metric = query.metric ?? context.primary;
  const direction = context.direction(metric);
  context.metric(metric);
  const configurations = context.configurations(query.where);
  const { revision } = context;
  const objectives = { [metric]: direction, ...context.sweep.definition.objectives };
  const definition = { ...context.sweep.definition, objectives };
  // Which interval of a member of a population is its last one is not known before all are seen.
  const candidates = definition.search.pbt
    ? [...configurations.first.keys()]
    : configurations.best(metric, direction, query.top + margin);
  const results = await completedOf(context, configurations, candidates);
  const trials = results.flatMap((result) => result.trials);
  const ranking = rankMembers(definition, trials, metric);
  const leaders = leadersText(ranking);
  const intervals = definition.search.pbt && intervalsText(definition, trials, ranking);
  return {
    revision,
    metric,
    direction,
    configurations: definition.search.pbt ? ranking.rows.length : configurations.size,
    ...(leaders === undefined ? {} : { leaders }),
    ...(intervals === undefined ? {} : { intervals }),
    ranked: ranking.rows.slice(0, query.top).map((result) => ({
      ...configurationView(result),
      rank: result.rank,
      tied: result.tied,
      nearBest: result.nearBest,
      ...(result.prospect && {
        expected: result.prospect.posterior.mean,
        probabilityBest: result.prospect.probabilityBest,
      }),
    })),
  };
}

/** Configurations with their completed trials, in the order of the positions. */
async function completedOf(
  context: SweepContext,
  configurations: Configurations,
  positions: readonly number[],
): Promise<ConfigurationResult[]> {
  const numbers = positions.flatMap((position) => configurations.trialsOf(position));
  const trials = await context.store.trialsOf(context.sweep.id, numbers);
  const results = configurationResults(trials, compileLimits(context.sweep.definition));
  const byConfiguration = new Map(results.map((result) => [result.configuration, result]));
  const { values } = context.table.configuration;
  return positions.flatMap(
    (position) => byConfiguration.get(values[configurations.first[position] as number] as number) ?? [],
  );
}

function configurationView(result: ConfigurationResult): RankedConfiguration {
  return {
    configuration: result.configuration,
    trials: result.trials.map(({ number }) => number),
    parameters: result.parameters,
    metrics: result.metrics,
    broken: [...result.broken],
  };
}

/** How the best value came about. */
export function history(context: SweepContext, query: z.output<typeof historyQuery>): HistoryAnswer {
  const metric = query.metric ?? context.primary;
  const { improvements, rows } = context.history(metric, query.where);
  const { table } = context;
  const values = context.metric(metric);
  const order: Column = {
    id: 'order',
    values: new Float64Array(table.size).fill(NaN),
    categories: undefined,
    scale: 'linear',
  };
  rows.forEach((row, index) => (order.values[row] = index + 1));
  const shown = sample({
    rows: rows.slice().sort(),
    pairs: [[order, values]],
    most: query.most,
    keep: improvements.slice(-200).map(({ number }) => number),
    group: table.number,
  }).sort((a, b) => (order.values[a] as number) - (order.values[b] as number));
  const [first, last] = [rows[0], rows.at(-1)];
  const began = first === undefined ? undefined : earliest(table.started.values, rows);
  const list = (column: ArrayLike<number>): number[] => Array.from(shown, (row) => column[row] as number);
  return {
    revision: context.revision,
    metric,
    direction: context.direction(metric),
    completed: rows.length,
    ...(began !== undefined && { began }),
    ...(last !== undefined && { ended: table.finished.values[last] }),
    improvements: [...improvements],
    points: {
      numbers: Array.from(shown),
      completed: list(order.values),
      at: list(table.finished.values),
      values: list(values.values),
    },
  };
}

function earliest(values: Float64Array, rows: Int32Array): number {
  return rows.reduce((least, row) => Math.min(least, values[row] as number), Infinity);
}

/** Two metrics against each other, with the front. */
export async function front(context: SweepContext, query: z.output<typeof frontQuery>): Promise<FrontAnswer> {
  const { table, revision } = context;
  const [x, y] = [query.x, query.y].map((metric) => {
    context.metric(metric);
    return { metric, direction: context.direction(metric) };
  }) as [FrontAnswer['x'], FrontAnswer['y']];
  const configurations = context.configurations(query.where);
  const [xs, ys] = [configurations.means(x.metric), configurations.means(y.metric)];
  const onFront = configurations.front(x.metric, x.direction, y.metric, y.direction);
  const positions = Int32Array.from(configurations.first.keys()).filter(
    (position) => !Number.isNaN(xs[position]) && !Number.isNaN(ys[position]),
  );
  const column = (id: string, values: Float64Array): Column => ({
    id,
    values,
    categories: undefined,
    scale: 'auto',
  });
  const front = new Set(onFront);
  const shown = sample({
    rows: positions,
    pairs: [[column('x', xs), column('y', ys)]],
    most: query.most,
    keep: [],
    group: column('position', Float64Array.from(configurations.first.keys())),
  }).filter((position) => !front.has(position));
  const rowsOf = (some: Iterable<number>): Int32Array =>
    Int32Array.from(some, (position) => configurations.first[position] as number);
  const rows = rowsOf(shown);
  const ids = [
    ...table.parameterNames.map((name) => `parameter:${name}`),
    ...(query.colour ? [query.colour] : []),
  ];
  const views = await completedOf(context, configurations, onFront.slice(0, 500));
  return {
    revision,
    x,
    y,
    total: positions.length,
    front: views.map(configurationView),
    others: {
      numbers: Array.from(rows),
      x: Array.from(shown, (position) => xs[position] as number),
      y: Array.from(shown, (position) => ys[position] as number),
      feasible: Array.from(shown, (position) => configurations.isFeasible(position)),
    },
    columns: Object.fromEntries([...new Set(ids)].map((id) => [id, columnData(context.column(id), rows)])),
    ...(query.colour !== undefined && {
      frontColour: columnData(context.column(query.colour), rowsOf(onFront.slice(0, 500))).values,
    }),
  };
}
