import type { NewTrial, TrialResult } from '../../store/sweep-store.js';
import { trialSeed } from '../../sweep/random.js';
import { compileSpace, type Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { didYouMean } from '../../sweep/nearest.js';
import type { Parameters, ParameterValue } from '../../sweep/parameter.js';
import { TrialState, type TerminalState } from '../../sweep/trial.js';
import { UsageError } from '../../support/errors.js';
import { asWritten } from './as-written.js';
import { rowProblem, type Result } from './results.js';

export interface PlacedResults {
  readonly trials: readonly NewTrial[];
  /** Of attempt 1 of each. Times are those of the import. */
  readonly results: readonly TrialResult[];
  /** What is wrong with rows, one line each. */
  readonly problems: readonly string[];
  /** The rows with which nothing is wrong. */
  readonly fitting: readonly Result[];
}

/**
 * Makes trials of a sweep of these results. Rows with the same parameters are replicates of one configuration.
 * Throws `UsageError` where no completed row has one of the objectives: then that is no mistake of the rows.
 */
export function placeResults(
  definition: SweepDefinition,
  rows: readonly Result[],
  now: number,
): PlacedResults {
  refuseUnknownObjectives(definition, rows);
  const space = compileSpace(definition);
  const configurations = new Map<string, { readonly number: number; replicates: number }>();
  const trials: NewTrial[] = [];
  const results: TrialResult[] = [];
  const problems: string[] = [];
  const fitting: Result[] = [];
  for (const row of rows) {
    const found = trialOf(definition, space, row);
    if (typeof found === 'string') {
      problems.push(`${row.place}: ${found}`);
      continue;
    }
    const { parameters, state } = found;
    fitting.push(row);
    const key = space.key(parameters);
    const configuration = configurations.get(key) ?? { number: configurations.size, replicates: 0 };
    configurations.set(key, configuration);
    const replicate = configuration.replicates++;
    const number = trials.length;
    trials.push({
      number,
      configuration: configuration.number,
      replicate,
      seed: row.seed ?? trialSeed(definition.search.seed, configuration.number, replicate),
      parameters,
    });
    results.push({
      number,
      attempt: 1,
      state,
      metrics: row.metrics,
      finishedAt: now,
      ...(Object.keys(row.details).length > 0 ? { details: row.details } : {}),
      ...(state === TrialState.Failed
        ? { failure: { class: 'trial' as const, message: failureOf(row) } }
        : {}),
    });
  }
  return { trials, results, problems, fitting };
}

function failureOf({ broken }: Result): string {
  if (broken.length === 0) return 'failed, as imported';
  return `${broken.map(({ name, value }) => `${name} is ${value}`).join(', ')}: no finite number`;
}

function refuseUnknownObjectives({ objectives }: SweepDefinition, rows: readonly Result[]): void {
  const completed = rows.filter(({ state }) => state === TrialState.Completed);
  if (completed.length === 0) return;
  const unknown = Object.keys(objectives).find((name) => !completed.some((row) => mentions(row, name)));
  if (unknown === undefined) return;
  const metrics = [...new Set(completed.flatMap((row) => Object.keys(row.metrics)))];
  const hint = didYouMean(unknown, metrics);
  const there = metrics.length === 0 ? 'they have no metrics' : `their metrics are ${metrics.join(', ')}`;
  throw new UsageError(`no result has "${unknown}", which is an objective${hint}; ${there}`);
}

function mentions({ metrics, details, broken }: Result, name: string): boolean {
  return (
    [metrics, details].some((named) => Object.hasOwn(named, name)) || broken.some((one) => one.name === name)
  );
}

/** The configuration of a row in its space and its state, or what is wrong with the row. */
function trialOf(
  definition: SweepDefinition,
  space: Space,
  row: Result,
): { readonly parameters: Parameters; readonly state: TerminalState } | string {
  const parameters = asWritten(definition, row);
  const { state } = row;
  const wrong = rowProblem({ ...row, parameters });
  if (wrong !== undefined || state === undefined) return wrong ?? 'has no state';
  const searched: Record<string, ParameterValue> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (Object.hasOwn(definition.space, name)) searched[name] = value;
    else if (definition.fixed[name] !== value)
      return `"${name}" is ${JSON.stringify(value)}, but the sweep fixes it to ${JSON.stringify(definition.fixed[name])}`;
  }
  const configuration = space.complete(searched);
  const extra = Object.keys(searched).find((name) => !Object.hasOwn(configuration, name));
  const problem = space.explain(extra === undefined ? configuration : { ...configuration, ...searched });
  if (problem !== undefined) return problem;
  const trial = { parameters: configuration, state };
  if (state !== TrialState.Completed) return trial;
  const missing = Object.keys(definition.objectives).find((name) => row.metrics[name] === undefined);
  return missing === undefined ? trial : missingText(row, missing);
}

function missingText({ details }: Result, objective: string): string {
  return Object.hasOwn(details, objective)
    ? `${objective} is ${JSON.stringify(details[objective])}, but an objective must be a number`
    : `has no ${objective}, which is an objective`;
}
