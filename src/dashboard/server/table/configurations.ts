import { compileLimits } from '../../../sweep/limits.js';
import { Staircase } from './staircase.js';
import type { ParameterValue } from '../../../sweep/parameter.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { code, type TrialTable } from './trial-table.js';

/** Means over the completed replicates of every configuration that has one, in columns by position. */
export class Configurations {
  /** First completed trial of each. */
  readonly first: Int32Array;
  /** How many replicates have completed. */
  readonly count: Int32Array;
  readonly #position: Int32Array;
  readonly #rows: Int32Array;
  readonly #means = new Map<string, Float64Array>();
  #feasible: Uint8Array | undefined;

  /** Of these trials, ascending. */
  constructor(
    private readonly table: TrialTable,
    rows: Int32Array,
  ) {
    const { state, configuration } = table;
    this.#rows = rows.filter((row) => state.values[row] === code.completed);
    this.#position = new Int32Array(this.#rows.length);
    const positions = new Map<number, number>();
    const first: number[] = [];
    const count: number[] = [];
    this.#rows.forEach((row, index) => {
      const key = configuration.values[row] as number;
      let position = positions.get(key);
      if (position === undefined) {
        position = first.push(row) - 1;
        count.push(0);
        positions.set(key, position);
      }
      count[position] = (count[position] ?? 0) + 1;
      this.#position[index] = position;
    });
    this.first = Int32Array.from(first);
    this.count = Int32Array.from(count);
  }

  get size(): number {
    return this.first.length;
  }

  /** Numbers of the completed replicates. */
  trialsOf(position: number): number[] {
    if (this.count[position] === 1) return [this.first[position] as number];
    const trials: number[] = [];
    this.#rows.forEach((row, index) => {
      if (this.#position[index] === position) trials.push(row);
    });
    return trials;
  }

  /** By position; NaN where no replicate has it. */
  means(metric: string): Float64Array {
    const known = this.#means.get(metric);
    if (known) return known;
    const means = new Float64Array(this.size);
    const counts = new Int32Array(this.size);
    const values = this.table.metric(metric)?.values;
    this.#rows.forEach((row, index) => {
      const value = values?.[row] ?? NaN;
      if (Number.isNaN(value)) return;
      const position = this.#position[index] as number;
      means[position] = (means[position] as number) + value;
      counts[position] = (counts[position] as number) + 1;
    });
    for (let position = 0; position < means.length; position++) {
      const n = counts[position] as number;
      means[position] = n === 0 ? NaN : (means[position] as number) / n;
    }
    this.#means.set(metric, means);
    return means;
  }

  /** Whether the means keep the sweep's limits. */
  isFeasible(position: number): boolean {
    this.#feasible ??= this.#checkLimits();
    return this.#feasible[position] === 1;
  }

  /** Positions of the best by the mean of a metric: feasible ones first. At least so many, where there are. */
  best(metric: string, direction: Direction, most: number): number[] {
    const means = this.means(metric);
    const sign = direction === Direction.Maximize ? -1 : 1;
    const cost = (position: number): number => sign * (means[position] as number);
    const better = (a: number, b: number): number =>
      Number(!this.isFeasible(a)) - Number(!this.isFeasible(b)) || cost(a) - cost(b) || a - b;
    const best: number[] = [];
    for (let position = 0; position < this.size; position++) {
      if (Number.isNaN(means[position])) continue;
      const last = best.at(-1);
      if (best.length === most && last !== undefined && better(position, last) > 0) continue;
      let at = best.length;
      while (at > 0 && better(position, best[at - 1] as number) < 0) at--;
      best.splice(at, 0, position);
      if (best.length > most) best.pop();
    }
    return best;
  }

  /** Positions on the Pareto front of two metrics, feasible configurations only; ascending by the first. */
  front(x: string, xDirection: Direction, y: string, yDirection: Direction): number[] {
    const [xs, ys] = [this.means(x), this.means(y)];
    const xSign = xDirection === Direction.Maximize ? -1 : 1;
    const ySign = yDirection === Direction.Maximize ? -1 : 1;
    const stairs = new Staircase();
    for (let position = 0; position < this.size; position++) {
      const [a, b] = [xSign * (xs[position] as number), ySign * (ys[position] as number)];
      if (Number.isNaN(a) || Number.isNaN(b) || !this.isFeasible(position)) continue;
      stairs.add(a, b, position);
    }
    return stairs.items.sort((a, b) => (xs[a] as number) - (xs[b] as number) || a - b);
  }

  #checkLimits(): Uint8Array {
    const { definition, parameterNames, metricNames } = this.table;
    const feasible = new Uint8Array(this.size).fill(1);
    if (definition.limits.length === 0) return feasible;
    const broken = compileLimits(definition);
    // Only what the limits name is looked at, so records with all names would be made for nothing.
    const named = (name: string): boolean => definition.limits.some((limit) => limit.includes(name));
    const metrics = metricNames.filter(named).map((name) => [name, this.means(name)] as const);
    const parameters = parameterNames.filter(named);
    for (let position = 0; position < this.size; position++) {
      const row = this.first[position] as number;
      const given: Record<string, ParameterValue> = {};
      for (const name of parameters) {
        const value = this.table.column(`parameter:${name}`)?.at(row);
        if (value !== undefined) given[name] = value;
      }
      const measured: Record<string, number> = {};
      for (const [name, means] of metrics) {
        if (!Number.isNaN(means[position])) measured[name] = means[position] as number;
      }
      feasible[position] = broken(given, measured).length === 0 ? 1 : 0;
    }
    return feasible;
  }
}
