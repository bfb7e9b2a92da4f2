import type { JsonValue } from '../../sweep/json.js';
import type { Parameter, ParameterValue } from '../../sweep/parameter.js';
import { Direction, type SweepDefinition } from '../../sweep/sweep-definition.js';
import { UsageError } from '../../support/errors.js';
import { rowProblem, type Result } from './results.js';

const larger = /accuracy|^acc$|_acc$|^f1|auc|score|reward|precision|recall/i;
/** From this ratio on a range of positive numbers is taken for a logarithmic one. */
const logarithmic = 50;
/** Numbers with more different values than this are a range. */
const mostListed = 6;

/**
 * A definition that these results could come from: what never changes is fixed, what changes is searched, between the
 * least and the greatest value. Objectives are those given, else the metrics that at least half of the completed
 * results have: one cell that is missing is a mistake in its row. What is wrong by itself is left out of account.
 */
export function inferDefinition(
  name: string,
  given: readonly Result[],
  objectives: Readonly<Record<string, Direction>> | undefined,
): SweepDefinition {
  const results = given.filter((result) => rowProblem(result) === undefined);
  const [first] = given;
  if (results.length === 0 && first)
    throw new UsageError(`${name}: no result can be used; ${first.place} ${rowProblem(first)}`);
  const values = new Map<string, Set<ParameterValue>>();
  for (const { parameters } of results) {
    for (const [parameter, value] of Object.entries(parameters)) {
      const seen = values.get(parameter) ?? new Set();
      values.set(parameter, seen.add(value));
    }
  }
  const everywhere = (parameter: string): boolean =>
    results.every((result) => result.parameters[parameter] !== undefined);
  const fixed: Record<string, JsonValue> = {};
  const space: Record<string, Parameter> = {};
  for (const [parameter, seen] of values) {
    const [only] = seen;
    if (seen.size === 1 && only !== undefined && everywhere(parameter)) fixed[parameter] = only;
    else space[parameter] = rangeOf([...seen]);
  }
  if (Object.keys(space).length === 0) {
    const [only, value] = Object.entries(fixed)[0] ?? [];
    if (only === undefined || value === undefined || value === null)
      throw new UsageError(`${name}: the results have no parameters`);
    delete fixed[only];
    space[only] = { kind: 'choice', values: [value as ParameterValue] };
  }
  return {
    name,
    trainable: { kind: 'command', command: ['imported'] },
    fixed,
    space,
    constraints: [],
    objectives: objectives ?? objectivesOf(name, results),
    limits: [],
    search: { sampler: 'random', trials: results.length, seed: 1, startWith: [] },
    replicates: mostReplicates(results),
    budget: {},
    trial: { retries: 0 },
    workers: { pool: 'default', pack: 1 },
  };
}

/** The most results that one configuration has. */
function mostReplicates(results: readonly Result[]): number {
  const counts = new Map<string, number>();
  for (const { parameters } of results) {
    const key = JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].reduce((a, b) => Math.max(a, b), 1);
}

function objectivesOf(name: string, results: readonly Result[]): Record<string, Direction> {
  const completed = results.filter(({ state }) => state === 'completed');
  const metrics = [...new Set(completed.flatMap(({ metrics: found }) => Object.keys(found)))].filter(
    (metric) =>
      2 * completed.filter((result) => result.metrics[metric] !== undefined).length >= completed.length,
  );
  if (metrics.length === 0)
    throw new UsageError(
      `${name}: no number of the results looks like a metric; name them by --objectives accuracy=maximize`,
    );
  const directed = metrics.map(
    (metric) => [metric, larger.test(metric) ? Direction.Maximize : Direction.Minimize] as const,
  );
  // What is to be large comes first: memory and time are what it costs.
  const isCost = ([metric]: readonly [string, Direction]): number => Number(/memory|time/.test(metric));
  return Object.fromEntries([...directed].sort((a, b) => isCost(a) - isCost(b)));
}

function rangeOf(values: readonly ParameterValue[]): Parameter {
  const numbers = values.filter((value): value is number => typeof value === 'number').sort((a, b) => a - b);
  if (numbers.length < values.length) return { kind: 'choice', values };
  if (numbers.length <= mostListed) return { kind: 'ordinal', values: numbers };
  const [low = 0, high = 0] = [numbers[0], numbers.at(-1)];
  const log = low > 0 && high / low >= logarithmic;
  if (numbers.every(Number.isInteger))
    return { kind: 'int', low, high, step: log ? 1 : commonStep(numbers), log };
  return { kind: 'float', low, high, log };
}

function commonStep(numbers: readonly number[]): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  return numbers.slice(1).reduce((step, number, i) => divisor(step, number - (numbers[i] ?? 0)), 0) || 1;
}
