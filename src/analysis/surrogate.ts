import { quantileSorted } from 'simple-statistics';
import { compileLimits } from '../sweep/limits.js';
import { configurationResults } from '../sweep/objective.js';
import { isInterval } from '../sweep/pbt.js';
import type { ParameterValue } from '../sweep/parameter.js';
import { createRandom } from '../sweep/random.js';
import { compileSpace, type Space } from '../sweep/space.js';
import { Direction, type SweepDefinition } from '../sweep/sweep-definition.js';
import type { Trial } from '../sweep/trial.js';
import { cellParameters, rowOf, type CellParameter } from './cells.js';
import { conditionsOf } from './conditions.js';
import { absent, Forest } from './forest.js';

/** Configurations that a model needs at least. */
export const fewestConfigurations = 8;
/** Of more, so many are taken, evenly over the sweep. */
const mostConfigurations = 1000;
/** Random configurations of the space that effects are averaged over; fewer where there are many parameters. */
const backgroundSize = 256;
const mostEffects = 2048;

/** What is expected at one value of a parameter, averaged over all others. */
export interface EffectPoint {
  readonly value: ParameterValue;
  readonly mean: number;
  /** Standard deviation over the trees of the forest: how sure the model is. */
  readonly deviation: number;
  /** Share of the space's configurations (with this parameter) in this cell. */
  readonly weight: number;
}

/**
 * A model of one metric over the space: a random forest over the configurations' means, and random configurations of
 * the space to average over, so that constraints and conditions hold. Far-off bad values (beyond Tukey's fence) are
 * drawn in, for one diverged trial should not be all that the model explains.
 */
export class Surrogate {
  readonly parameters: readonly CellParameter[];
  readonly configurations: number;
  /** Part of the variance that the model predicts for configurations that it has not seen: 0 nothing, 1 all. */
  readonly explained: number;
  private readonly space: Space;
  private readonly forest: Forest;
  /** By parameter: those that decide whether it exists. */
  private readonly conditions: ReadonlyMap<string, ReadonlySet<string>>;
  /** Random configurations of the space, and their cells. */
  private readonly drawn: readonly Trial['parameters'][];
  private readonly background: readonly Int8Array[];
  /** The same with every absent value filled in. */
  private readonly filled: readonly Int8Array[];

  private constructor(
    definition: SweepDefinition,
    results: readonly { readonly parameters: Trial['parameters']; readonly value: number }[],
    readonly direction: Direction,
  ) {
    const space = compileSpace(definition);
    const random = createRandom(definition.search.seed, results.length);
    this.space = space;
    this.conditions = conditionsOf(space);
    this.parameters = cellParameters(space);
    this.configurations = results.length;
    const values = drawnIn(
      results.map(({ value }) => value),
      direction,
    );
    const rows = results.map(({ parameters }) => rowOf(this.parameters, parameters));
    this.forest = new Forest(this.parameters, rows, values, random);
    this.explained = this.forest.explained;
    const size = Math.max(
      32,
      Math.min(backgroundSize, Math.floor((mostEffects / this.parameters.length) * 2)),
    );
    this.drawn = Array.from({ length: size }, () => space.random(random));
    this.background = this.drawn.map((configuration) => rowOf(this.parameters, configuration));
    this.filled = this.forest.fill(this.background, random);
  }

  /** Undefined where fewer than `fewestConfigurations` configurations have a value, or all have the same. */
  static of(definition: SweepDefinition, trials: Iterable<Trial>, metric: string): Surrogate | undefined {
    // Intervals of a population differ by their steps more than by anything else.
    const whole = [...trials].filter((trial) => !isInterval(trial));
    const results = configurationResults(whole, compileLimits(definition)).flatMap(
      ({ parameters, metrics }) => {
        const value = metrics[metric]?.mean;
        return value === undefined ? [] : [{ parameters, value }];
      },
    );
    const first = results[0]?.value;
    if (results.length < fewestConfigurations || results.every(({ value }) => value === first))
      return undefined;
    return new Surrogate(definition, thinned(results), definition.objectives[metric] ?? Direction.Maximize);
  }

  /** Share of the configurations that have these parameters, all of them. */
  presence(...names: readonly string[]): number {
    const features = names.map((name) => this.indexOf(name));
    const having = this.background.filter((row) => features.every((feature) => row[feature] !== absent));
    return having.length / this.background.length;
  }

  /** Whether one of the two decides whether the other one exists. */
  isCondition([a, b]: readonly [string, string]): boolean {
    return this.conditions.get(a)?.has(b) === true || this.conditions.get(b)?.has(a) === true;
  }

  /**
   * What is expected over the values of one parameter, where it exists (its partial dependence). Averaged for each value
   * over the configurations that may have it; a value that none of them may have is left out.
   */
  effect(name: string): EffectPoint[] {
    const feature = this.indexOf(name);
    const parameter = this.parameters[feature] as CellParameter;
    const weights = this.weightsOf(feature);
    return parameter.values.flatMap((value, cell) => {
      const rows = this.rowsAt([feature], [cell]);
      if (rows.length === 0) return [];
      const trees = this.forest.effect(rows, [feature], [cell]);
      return [{ value, ...meanAndDeviation(trees), weight: weights[cell] ?? 0 }];
    });
  }

  /** What is expected over the values of two, `[first][second]`, at most `most` cells each; undefined where none may have both. */
  pairEffect(names: readonly [string, string], most = 8): (number | undefined)[][] {
    const [a, b] = [this.indexOf(names[0]), this.indexOf(names[1])];
    const seconds = this.cellsOf(b, most);
    return this.cellsOf(a, most).map((first) =>
      seconds.map((second) => {
        const rows = this.rowsAt([a, b], [first, second]);
        if (rows.length === 0) return undefined;
        return meanAndDeviation(this.forest.effect(rows, [a, b], [first, second])).mean;
      }),
    );
  }

  /** Of what is expected over the whole space. */
  variance(): number {
    const values = this.filled.map((row) => this.forest.predict(row));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  }

  private indexOf(name: string): number {
    const index = this.parameters.findIndex((parameter) => parameter.name === name);
    if (index < 0) throw new RangeError(`"${name}" is not a searched parameter`);
    return index;
  }

  /** The configurations that have these parameters and, were they in these cells, would hold the constraints. */
  private rowsAt(features: readonly number[], cells: readonly number[]): Int8Array[] {
    const values = Object.fromEntries(
      features.map((feature, i) => {
        const { name, values } = this.parameters[feature] as CellParameter;
        return [name, values[cells[i] ?? 0] as ParameterValue];
      }),
    );
    return this.filled.filter((_, index) => {
      const row = this.background[index] as Int8Array;
      if (features.some((feature) => row[feature] === absent)) return false;
      if (this.space.constraints.length === 0 || features.every((feature, i) => row[feature] === cells[i]))
        return true;
      const moved = this.space.complete({ ...this.drawn[index], ...values });
      return this.space.brokenConstraint(moved) === undefined;
    });
  }

  private weightsOf(feature: number): number[] {
    const { cells } = this.parameters[feature] as CellParameter;
    const counts = Array.from({ length: cells }, () => 0);
    let total = 0;
    for (const row of this.background) {
      const cell = row[feature] ?? absent;
      if (cell === absent) continue;
      counts[cell] = (counts[cell] ?? 0) + 1;
      total++;
    }
    return counts.map((count) => (total === 0 ? 1 / cells : count / total));
  }

  private cellsOf(feature: number, most: number): number[] {
    const { cells } = this.parameters[feature] as CellParameter;
    const count = Math.min(cells, most);
    return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * cells) / count));
  }
}

function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

function thinned<T>(items: readonly T[]): readonly T[] {
  if (items.length <= mostConfigurations) return items;
  const every = items.length / mostConfigurations;
  return Array.from({ length: mostConfigurations }, (_, i) => items[Math.floor(i * every)] as T);
}

/** Values beyond Tukey's fence on the worse side are put on it. */
function drawnIn(values: readonly number[], direction: Direction): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [quantileSorted(sorted, 0.25), quantileSorted(sorted, 0.75)];
  const reach = 1.5 * (high - low);
  return direction === Direction.Maximize
    ? values.map((value) => Math.max(value, low - reach))
    : values.map((value) => Math.min(value, high + reach));
}
