import { compileLimits } from '../../../sweep/limits.js';
import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import { isInterval } from '../../../sweep/pbt.js';
import { scalars, type Space } from '../../../sweep/space.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../../../sweep/trial.js';
import { observe } from '../gp/observations.js';

/** Results that a model of an earlier sweep needs. */
export const fewestEarlier = 5;

/** A stored sweep whose results a search begins with (`search.warmStart`). */
export interface EarlierSweep {
  readonly name: string;
  readonly definition: SweepDefinition;
  readonly trials: readonly Trial[];
}

/** One configuration of an earlier sweep, as one of the present space. */
export interface EarlierResult {
  readonly parameters: Parameters;
  /** The primary objective, smaller is better: the mean of its replicates. */
  readonly cost: number;
  /** How many results that is the mean of. */
  readonly count: number;
}

/** What an earlier sweep says of the present space. */
export interface EarlierResults {
  readonly sweep: string;
  /** What costs are of: the primary objective of the present sweep. */
  readonly metric: string;
  /** Best first. */
  readonly results: readonly EarlierResult[];
}

/**
 * The completed trials of an earlier sweep, as far as they are configurations of the present space and hold its limits.
 * Parameters are matched by name: what was fixed then and is searched now has the fixed value, what was searched then
 * and is fixed or unknown now is left out of account. A trial that has no value for a parameter, or one that it can not
 * have now, is left out.
 */
export function earlierResults(
  { objectives, limits, fixed }: Pick<SweepDefinition, 'objectives' | 'limits' | 'fixed'>,
  space: Space,
  { name, definition, trials }: EarlierSweep,
): EarlierResults {
  const fixedThen = scalars(definition.fixed);
  const known = new Map<Parameters, Parameters | undefined>();
  const fitting = trials.flatMap((trial) => {
    if (trial.state !== TrialState.Completed || isInterval(trial)) return [];
    if (!known.has(trial.parameters)) known.set(trial.parameters, fit(space, fixedThen, trial.parameters));
    const parameters = known.get(trial.parameters);
    return parameters ? [{ ...trial, parameters }] : [];
  });
  const [primary = ''] = Object.keys(objectives);
  const goal = Object.fromEntries(Object.entries(objectives).filter(([metric]) => metric === primary));
  const history = { trials: fitting, configurations: fitting.length };
  const { known: observed } = observe(history, goal, compileLimits({ limits, fixed }));
  const results = observed.flatMap(({ parameters, costs, count, feasible }) =>
    costs?.[0] === undefined || !feasible ? [] : [{ parameters, cost: costs[0], count }],
  );
  return { sweep: name, metric: primary, results: results.sort((a, b) => a.cost - b.cost) };
}

/** The configuration of the space that has these values; undefined where there is none. */
function fit(
  space: Space,
  fixedThen: Readonly<Record<string, ParameterValue>>,
  parameters: Parameters,
): Parameters | undefined {
  const values: Record<string, ParameterValue> = {};
  for (const { name, domain } of space.parameters) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : fixedThen[name];
    if (domain && value !== undefined && domain.explain(value) === undefined) values[name] = value;
  }
  const configuration = space.complete(values);
  return space.contains(configuration) ? configuration : undefined;
}
