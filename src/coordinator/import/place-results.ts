import type { NewTrial, TrialResult } from '../../store/sweep-store.js';
import { trialSeed } from '../../sweep/random.js';
import { compileSpace, type Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Parameters } from '../../sweep/parameter.js';
import { TrialState } from '../../sweep/trial.js';
import type { Result } from './results.js';

export interface PlacedResults {
  readonly trials: readonly NewTrial[];
  /** Of attempt 1 of each. Times are those of the import. */
  readonly results: readonly TrialResult[];
  /** What is wrong with rows, one line each. */
  readonly problems: readonly string[];
}

/** Makes trials of a sweep of these results. Rows with the same parameters are replicates of one configuration. */
export function placeResults(
  definition: SweepDefinition,
  rows: readonly Result[],
  now: number,
): PlacedResults {
  const space = compileSpace(definition);
  const configurations = new Map<string, { readonly number: number; replicates: number }>();
  const trials: NewTrial[] = [];
  const results: TrialResult[] = [];
  const problems: string[] = [];
  for (const row of rows) {
    const found = configurationOf(definition, space, row);
    if (typeof found === 'string') {
      problems.push(`${row.place}: ${found}`);
      continue;
    }
    const key = space.key(found);
    const configuration = configurations.get(key) ?? { number: configurations.size, replicates: 0 };
    configurations.set(key, configuration);
    const replicate = configuration.replicates++;
    const number = trials.length;
    trials.push({
      number,
      configuration: configuration.number,
      replicate,
      seed: row.seed ?? trialSeed(definition.search.seed, configuration.number, replicate),
      parameters: found,
    });
    results.push({
      number,
      attempt: 1,
      state: row.state,
      metrics: row.metrics,
      finishedAt: now,
      ...(Object.keys(row.details).length > 0 ? { details: row.details } : {}),
      ...(row.state === TrialState.Failed
        ? { failure: { class: 'trial' as const, message: failureOf(row) } }
        : {}),
    });
  }
  return { trials, results, problems };
}

function failureOf({ broken }: Result): string {
  return broken.length > 0 ? `${broken.join(', ')} is no finite number` : 'failed, as imported';
}

/** The configuration of a row in its space, or what is wrong with the row. */
function configurationOf(definition: SweepDefinition, space: Space, row: Result): Parameters | string {
  const { parameters, metrics, state } = row;
  const searched: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (Object.hasOwn(definition.space, name)) searched[name] = value;
    else if (definition.fixed[name] !== value)
      return `"${name}" is ${JSON.stringify(value)}, but the sweep fixes it to ${JSON.stringify(definition.fixed[name])}`;
  }
  const configuration = space.complete(searched);
  const extra = Object.keys(searched).find((name) => !Object.hasOwn(configuration, name));
  const problem = space.explain(extra === undefined ? configuration : { ...configuration, ...searched });
  if (problem !== undefined) return problem;
  if (state !== TrialState.Completed) return configuration;
  const missing = Object.keys(definition.objectives).find((name) => metrics[name] === undefined);
  return missing === undefined ? configuration : `has no ${missing}, which is an objective`;
}
