import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import { axesOf, encode, groupsOf, snap, valueAt, type Axis, type Group } from './axes.js';
import { Parzen } from './parzen.js';
import { rank } from './ranking.js';

export const tpeKnobs = {
  startup: 10,
  gamma: (n: number): number => Math.min(25, Math.ceil(0.1 * n)),
  candidates: 24,
  nearBad: 100,
  bad: 200,
  context: true,
};

export class TpeSampler implements Sampler {
  private readonly axes: readonly Axis[];
  private readonly groups: readonly Group[];
  private readonly encodings = new WeakMap<Parameters, Float64Array>();
  private readonly tried: TriedConfigurations;

  constructor(
    private readonly space: Space,
    private readonly objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    private readonly initial: Sampler,
  ) {
    this.axes = axesOf(space);
    this.groups = groupsOf(space);
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    const { ranked, pending } = rank(history, this.objectives, this.limits);
    if (ranked.length < tpeKnobs.startup) return this.initial.suggest(history, count, random);
    this.tried.follow(history.trials);
    const results = ranked.map((p) => this.encoded(p));
    const unknown = pending.map((p) => this.encoded(p));
    const suggestions: Suggestion[] = [];
    while (suggestions.length < count) {
      const parameters = this.one(results, unknown, random);
      if (!parameters) break;
      suggestions.push({ parameters });
      unknown.push(this.encoded(parameters));
    }
    return suggestions;
  }

  private encoded(parameters: Parameters): Float64Array {
    let encoding = this.encodings.get(parameters);
    if (!encoding) this.encodings.set(parameters, (encoding = encode(this.axes, parameters)));
    return encoding;
  }

  private one(results: Float64Array[], unknown: Float64Array[], random: Random): Parameters | undefined {
    for (let attempt = 0; attempt < 16; attempt++) {
      let values: Record<string, ParameterValue> = {};
      let parameters: Parameters = {};
      for (const group of this.groups) {
        // Conditions name parameters of earlier groups alone.
        if (!this.isActive(group, values)) continue;
        values = this.choose(group, values, results, unknown, random);
        parameters = this.space.complete(values);
      }
      if (this.space.brokenConstraint(parameters) === undefined && this.tried.take(parameters)) return parameters;
    }
    if (this.tried.finite) return this.tried.takeAnyLeft(random);
    return this.space.random(random);
  }

  private isActive({ axes }: Group, values: Readonly<Record<string, ParameterValue>>): boolean {
    const axis = this.axes[axes[0] ?? 0];
    if (!axis) return false;
    const completed = this.space.complete({ ...values, [axis.name]: axis.domain.fromUnit(0.5) });
    return completed[axis.name] !== undefined;
  }

  private choose(
    group: Group,
    values: Readonly<Record<string, ParameterValue>>,
    results: Float64Array[],
    unknown: Float64Array[],
    random: Random,
  ): Record<string, ParameterValue> {
    const first = group.axes[0] as number;
    const root = this.groups[0]?.axes ?? [];
    const context = tpeKnobs.context && this.groups[0] !== group ? root : [];
    const columns = [...context, ...group.axes];
    const axes = columns.map((c) => this.axes[c] as Axis);
    const rows = this.groups.length === 1 ? results : results.filter((row) => !Number.isNaN(row[first]));
    const waiting = this.groups.length === 1 ? unknown : unknown.filter((row) => !Number.isNaN(row[first]));
    const good = Math.min(rows.length, tpeKnobs.gamma(rows.length));
    const l = new Parzen(axes, columns, rows.slice(0, good), new Float64Array(good).fill(1));
    const { bad, weights } = thin(rows, good, waiting);
    const g = new Parzen(axes, columns, bad, weights);
    const x = new Float64Array(axes.length);
    const best = new Float64Array(axes.length);
    let bestScore = -Infinity;
    const given = context.length;
    for (let j = 0; j < given; j++) {
      const axis = axes[j] as Axis;
      const value = values[axis.name] as ParameterValue;
      x[j] = axis.choices > 0 ? axis.domain.indexOf(value) : axis.domain.toUnit(value);
    }
    if (given > 0) l.condition(x, given);
    for (let i = 0; i < tpeKnobs.candidates; i++) {
      l.sample(x, random, given);
      for (let j = given; j < x.length; j++) x[j] = snap(axes[j] as Axis, x[j] as number);
      const score = l.logDensity(x) - g.logDensity(x);
      if (score > bestScore) {
        bestScore = score;
        best.set(x);
      }
    }
    const chosen: Record<string, ParameterValue> = { ...values };
    axes.forEach((axis, j) => (chosen[axis.name] = valueAt(axis, best[j] as number)));
    return chosen;
  }
}

function thin(
  rows: Float64Array[],
  good: number,
  waiting: Float64Array[],
): { bad: Float64Array[]; weights: Float64Array } {
  const bad = rows.slice(good, good + tpeKnobs.nearBad);
  const weights = bad.map(() => 1);
  const rest = rows.length - good - bad.length;
  const room = Math.min(rest, tpeKnobs.bad - tpeKnobs.nearBad);
  for (let i = 0; i < room; i++) {
    const row = rows[good + bad.length - i + Math.floor(((i + 0.5) * rest) / room)];
    if (!row) continue;
    bad.push(row);
    weights.push(rest / room);
  }
  for (const row of waiting) {
    bad.push(row);
    weights.push(1);
  }
  return { bad, weights: Float64Array.from(weights) };
}
