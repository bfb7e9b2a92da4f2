import { percentText, rankMembers, type RankedConfiguration } from '../../../analysis/ranking.js';
import { pbtOriginOf, type PbtOrigin } from '../../../sweep/pbt.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import { formatNumber } from '../../../sweep/units.js';
import { csvLines, type CsvCell } from './csv.js';
import { formatColumn, renderTable, type Column } from './table.js';
import { metricNames, parameterColumns } from './trial-view.js';

/** A configuration in the answer to "which is best?". */
export type BestRow = RankedConfiguration;

/** The configurations of a sweep, best first (`rankMembers`). */
export function bestConfigurations(
  definition: SweepDefinition,
  trials: Iterable<Trial>,
  by?: string,
): readonly BestRow[] {
  return rankMembers(definition, trials, by).rows;
}

/** Whether results were selected by what they were tested with. */
export function selectsOnTest({ fixed }: SweepDefinition): boolean {
  return fixed['selectOn'] === 'test';
}

/** What is said wherever results selected on the test set are shown. */
export const selectedOnTestRemark =
  'Selected on the test set (selectOn: test): the figures are those of the published tables, and too good for new data.';

/** See docs/commands.md. */
export function bestJson(definition: SweepDefinition, row: BestRow): Record<string, unknown> {
  const summaries = Object.entries(row.metrics);
  const member = memberOf(row);
  return {
    rank: row.rank,
    number: row.trials[0]?.number ?? null,
    state: 'completed',
    parameters: row.parameters,
    metrics: Object.fromEntries(summaries.map(([name, { mean }]) => [name, mean])),
    spread: Object.fromEntries(summaries.map(([name, { spread }]) => [name, spread ?? null])),
    configuration: row.configuration,
    ...(member && { member: member.member, lastStep: row.trials[0]?.lastStep ?? null }),
    replicates: row.trials.length,
    numbers: row.trials.map(({ number }) => number),
    seeds: row.trials.map(({ seed }) => seed),
    expected: row.prospect?.posterior.mean ?? null,
    interval: row.prospect ? [row.prospect.posterior.low, row.prospect.posterior.high] : null,
    probabilityBest: row.prospect?.probabilityBest ?? null,
    tied: row.tied,
    nearBest: row.nearBest,
    feasible: row.broken.length === 0,
    brokenLimits: row.broken,
    pareto: row.pareto,
    selectedOnTest: selectsOnTest(definition),
  };
}

/** Which member of a population it is an interval of. */
function memberOf({ trials: [trial] }: BestRow): PbtOrigin | undefined {
  return trial && pbtOriginOf(trial);
}

export function bestCsv(definition: SweepDefinition, rows: readonly BestRow[]): string {
  const parameters = Object.keys(definition.space);
  const metrics = metricNames(
    definition,
    rows.flatMap(({ trials }) => trials),
  );
  const { pbt } = definition.search;
  const fields = ['rank', 'number', 'state', 'configuration', ...(pbt ? ['member', 'lastStep'] : [])];
  const seeds = ['replicates', 'seeds'];
  const prospect = ['expected', 'low', 'high', 'probabilityBest'];
  const marks = ['tied', 'nearBest', 'feasible', 'pareto', 'selectedOnTest'];
  const header = [
    ...fields,
    ...seeds,
    ...prospect,
    ...marks,
    ...parameters.map((name) => `parameters.${name}`),
    ...metrics.flatMap((name) => [`metrics.${name}`, `spread.${name}`]),
  ];
  const lines = rows.map((row): CsvCell[] => [
    row.rank,
    row.trials[0]?.number,
    'completed',
    row.configuration,
    ...(pbt ? [memberOf(row)?.member, row.trials[0]?.lastStep] : []),
    row.trials.length,
    row.trials.map(({ seed }) => seed).join(' '),
    row.prospect?.posterior.mean,
    row.prospect?.posterior.low,
    row.prospect?.posterior.high,
    row.prospect?.probabilityBest,
    row.tied,
    row.nearBest,
    row.broken.length === 0,
    row.pareto,
    selectsOnTest(definition),
    ...parameters.map((name) => row.parameters[name]),
    ...metrics.flatMap((name) => [row.metrics[name]?.mean, row.metrics[name]?.spread]),
  ]);
  return csvLines([header, ...lines]);
}

/**
 * The table of `best`. `±` is the sample standard deviation over the replicates, `expected` the posterior mean of the
 * metric that ranks.
 */
export function bestTable(definition: SweepDefinition, rows: readonly BestRow[], width?: number): string {
  const objectives = Object.keys(definition.objectives);
  const trials = rows.flatMap((row) => row.trials);
  const marks = rows.map((row) => marksOf(row, objectives.length > 1));
  const replicated = rows.some((row) => row.trials.length > 1);
  const uncertain = rows.some(({ prospect }) => prospect !== undefined && prospect.noise > 0);
  const columns: Column[] = [
    {
      title: 'rank',
      cells: rows.map(({ rank, tied }) => `${tied ? '=' : ''}${rank}`),
      align: 'right',
      importance: 9,
    },
    { title: 'trial', cells: rows.map(trialNumbers), align: 'right', importance: 7 },
    ...(definition.search.pbt ? memberColumns(rows) : []),
    ...parameterColumns(
      definition,
      rows.map(({ parameters }) => parameters),
    ),
    ...metricNames(definition, trials).flatMap((name) =>
      metricColumns(name, rows, objectives.includes(name) ? 6 : 1, name === objectives[0] ? 6 : 1),
    ),
    ...(replicated
      ? [
          {
            title: 'seeds',
            cells: rows.map((row) => String(row.trials.length)),
            align: 'right' as const,
            importance: 4,
          },
        ]
      : []),
    ...(uncertain ? prospectColumns(rows) : []),
    ...(marks.some((text) => text !== '') ? [{ title: 'marks', cells: marks, importance: 4 }] : []),
  ];
  return renderTable(columns, width);
}

function memberColumns(rows: readonly BestRow[]): Column[] {
  const members = rows.map((row) => String(memberOf(row)?.member ?? ''));
  const steps = rows.map(({ trials: [trial] }) =>
    trial?.lastStep === undefined ? '' : formatNumber(trial.lastStep),
  );
  return [
    { title: 'member', cells: members, align: 'right', importance: 6 },
    { title: 'step', cells: steps, align: 'right', importance: 4 },
  ];
}

function prospectColumns(rows: readonly BestRow[]): Column[] {
  const expected = formatColumn(rows.map(({ prospect }) => prospect?.posterior.mean));
  const chances = rows.map(({ prospect, broken }) =>
    prospect && broken.length === 0 ? percentText(prospect.probabilityBest) : '',
  );
  return [
    { title: 'expected', cells: expected, align: 'right', importance: 3 },
    { title: 'P(best)', cells: chances, align: 'right', importance: 7 },
  ];
}

function metricColumns(
  name: string,
  rows: readonly BestRow[],
  importance: number,
  importanceOfSpread: number,
): Column[] {
  const summaries = rows.map(({ metrics }) => metrics[name]);
  const means = formatColumn(summaries.map((summary) => summary?.mean));
  const mean: Column = { title: name, cells: means, align: 'right', importance };
  if (summaries.every((summary) => summary?.spread === undefined)) return [mean];
  const decimals = Math.max(
    0,
    ...means.map((text) => (text.includes('e') ? 0 : (text.split('.')[1]?.length ?? 0))),
  );
  const cells = summaries.map((summary) => {
    if (summary?.spread === undefined) return '';
    const { spread } = summary;
    // Beside a diverged replicate's loss, decimals say nothing.
    return `±${decimals > 0 && spread < 1e6 ? spread.toFixed(decimals) : formatNumber(spread, 3)}`;
  });
  return [mean, { title: '±', cells, align: 'right', importance: importanceOfSpread }];
}

function trialNumbers({ trials }: BestRow): string {
  const numbers = trials.map(({ number }) => number);
  const [first = 0] = numbers;
  const last = numbers.at(-1) ?? first;
  const consecutive = last - first === numbers.length - 1;
  return numbers.length < 2 ? String(first) : consecutive ? `${first}-${last}` : numbers.join(',');
}

function marksOf({ tied, broken, pareto }: BestRow, severalObjectives: boolean): string {
  return [
    ...(broken.length > 0 ? [`infeasible: ${broken.join(', ')}`] : []),
    ...(tied ? ['tie'] : []),
    ...(severalObjectives && pareto ? ['Pareto front'] : []),
  ].join('; ');
}
