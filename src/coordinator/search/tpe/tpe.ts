import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import type { EarlierResults } from '../warm/earlier-results.js';
import { amongEarlier, type EarlierRanks } from '../warm/earlier-ranks.js';
import { ranksOf } from './earlier.js';
import { axesOf, coordinateOf, encode, groupsOf, snap, valueAt, type Axis, type Group } from './axes.js';
import { ParzenEstimator } from './parzen.js';
import { Ranker, type Ranking } from './ranking.js';
import { splitResults, type Encoded, type Results } from './split.js';

/** The number of the first configuration that comes from a model, and how many results it takes. */
const firstModel = 10;
const fewestResults = 4;
/** The same where earlier sweeps tell something. */
const firstWarmModel = 5;
/** Candidates from which the best is taken, for each group of parameters. */
const candidates = 24;
/** New draws for a configuration that breaks a constraint or was tried, before it is drawn in another way. */
const draws = 32;
/** With several objectives, as many of the best are put in order: more than can ever count as good. */
const ranksThatMatter = 50;

type Values = Readonly<Record<string, ParameterValue>>;

/**
 * Tree-structured Parzen estimator: one density of the good configurations, one of the others, and of some candidates
 * drawn from the first the one for which it is the larger by most (J. Bergstra et al., "Algorithms for Hyper-Parameter
 * Optimization", NIPS 2011). Multivariate, as in BOHB (Falkner et al. 2018); S. Watanabe, "Tree-Structured Parzen
 * Estimator" (2023), is where the settings were looked for.
 *
 * - Parameters under one condition form a group. Groups are chosen one after the other, each from the configurations
 *   that have it, and given what was chosen for the group without a condition: so a learning rate that exists for one
 *   algorithm alone is still searched together with the batch size.
 * - What runs, and what was suggested in the same call, counts as bad (the liar of Ginsbourger et al. 2010), so that
 *   parallel suggestions keep apart. So do failures, which never count as good.
 * - The first ten configurations come from `initial`, and more where there are no four results by then.
 *
 * Costs time proportional to the trials for ranking them, and to at most 125 of them and the waiting ones for the model.
 */
export class TpeSampler implements Sampler {
  private readonly axes: readonly Axis[];
  private readonly groups: readonly Group[];
  /** The group without a condition. */
  private readonly unconditional: Group;
  private readonly ranker: Ranker<Encoded>;
  private readonly tried: TriedConfigurations;
  private readonly objectives: number;
  private readonly earlier: readonly EarlierResults[];
  private readonly parameters = new WeakMap<Encoded, Parameters>();
  private ranks: readonly EarlierRanks<Encoded>[] | undefined;

  constructor(
    private readonly space: Space,
    objectives: Readonly<Record<string, Direction>>,
    limits: LimitCheck,
    private readonly initial: Sampler,
    /** Of earlier sweeps. With several objectives they do not count. */
    earlier: readonly EarlierResults[] = [],
  ) {
    this.axes = axesOf(space);
    this.ranker = new Ranker(objectives, limits, ranksThatMatter, (parameters) => this.encoded(parameters));
    this.objectives = Object.keys(objectives).length;
    this.earlier = this.objectives === 1 ? earlier : [];
    this.groups = groupsOf(space);
    this.unconditional = this.groups.find((group) => !this.isConditional(group)) ?? [];
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    const { ranked, rankedAmong, failed, pending } = this.ranker.rank(history);
    const results = ranked.length + failed.length;
    const earlier = this.earlierRanks;
    const first = earlier.length > 0 ? firstWarmModel : firstModel;
    if (history.configurations < first || results < fewestResults) {
      return this.initial.suggest(history, count, random);
    }
    this.tried.follow(history.trials);
    const waiting = [...pending];
    const known: Results = { ranked: amongEarlier(ranked, earlier), failed, waiting };
    const resultsOf = this.byGroup(known, rankedAmong);
    const suggestions: Suggestion[] = [];
    while (suggestions.length < count) {
      const parameters = this.one(resultsOf, random);
      if (!parameters) break;
      suggestions.push({ parameters });
      waiting.push(encode(this.axes, parameters));
    }
    return suggestions;
  }

  /** With several objectives, the best of a conditional group are found among those that have it alone. */
  private byGroup(known: Results, rankedAmong: Ranking<Encoded>['rankedAmong']): (group: Group) => Results {
    if (this.objectives === 1) return () => known;
    const conditional = this.groups.filter((group) => this.isConditional(group));
    const own = new Map(
      conditional.map((group) => {
        const [axis = 0] = group;
        return [group, { ...known, ranked: rankedAmong((row) => !Number.isNaN(row[axis])) }];
      }),
    );
    return (group) => own.get(group) ?? known;
  }

  private encoded(parameters: Parameters): Encoded {
    const row = encode(this.axes, parameters);
    if (this.earlier.length > 0) this.parameters.set(row, parameters);
    return row;
  }

  private get earlierRanks(): readonly EarlierRanks<Encoded>[] {
    const known = (row: Encoded): Parameters => this.parameters.get(row) ?? {};
    this.ranks ??= ranksOf(this.space, this.earlier, (parameters) => encode(this.axes, parameters), known);
    return this.ranks;
  }

  /** Undefined where a finite space has no more to give. */
  private one(resultsOf: (group: Group) => Results, random: Random): Parameters | undefined {
    const models = new Map<Group, GroupModel>();
    for (let draw = 0; draw < draws; draw++) {
      let values: Values | undefined = {};
      for (const group of this.groups) {
        if (!this.isActive(group, values)) continue;
        let model = models.get(group);
        if (!model) models.set(group, (model = this.modelOf(group, resultsOf(group))));
        values = this.choose(model, values, random);
        if (!values) break;
      }
      const parameters = values && this.space.complete(values);
      if (parameters && this.tried.take(parameters)) return parameters;
    }
    return this.tried.takeAny(random);
  }

  private isConditional(group: Group): boolean {
    return this.axes[group[0] ?? 0]?.conditional === true;
  }

  /** Whether the group's parameters exist, given those of the groups before it. */
  private isActive(group: Group, values: Values): boolean {
    const axis = this.axes[group[0] ?? 0];
    if (!axis || !this.isConditional(group)) return true;
    return axis.name in this.space.complete({ ...values, [axis.name]: axis.domain.fromUnit(0.5) });
  }

  /**
   * Whether a configuration may be proposed, as far as it goes: a constraint over parameters that have no value yet is
   * not broken, and what was tried has a value for all.
   */
  private isAllowed(values: Values): boolean {
    if (this.space.constraints.length === 0 && !this.tried.mayRepeat) return true;
    const parameters = this.space.complete(values);
    return this.space.brokenConstraint(parameters) === undefined && !this.tried.has(parameters);
  }

  private modelOf(group: Group, results: Results): GroupModel {
    const known = group === this.unconditional ? [] : this.unconditional;
    const columns = [...known, ...group];
    const { good, bad, weights } = splitResults(results, group[0] ?? 0);
    return {
      columns,
      given: known.length,
      good: new ParzenEstimator(this.axes, columns, good, new Float64Array(good.length).fill(1)),
      bad: new ParzenEstimator(this.axes, columns, bad, weights),
    };
  }

  /** Adds the group's values to those chosen before; undefined where none of the candidates is allowed. */
  private choose(
    { columns, given, good, bad }: GroupModel,
    values: Values,
    random: Random,
  ): Values | undefined {
    const axes = columns.map((column) => this.axes[column] as Axis);
    const x = new Float64Array(columns.length);
    for (let j = 0; j < given; j++) x[j] = coordinateOf(axes[j] as Axis, values);
    const probabilities = good.conditional(x, given);
    const drawn = Array.from({ length: candidates }, () => {
      const point = x.slice();
      good.sample(point, given, probabilities, random);
      for (let j = given; j < point.length; j++) point[j] = snap(axes[j] as Axis, point[j] as number);
      return { point, score: good.logDensity(point) - bad.logDensity(point) };
    });
    for (const { point } of drawn.sort((a, b) => b.score - a.score)) {
      const candidate: Record<string, ParameterValue> = { ...values };
      for (let j = given; j < point.length; j++) {
        const axis = axes[j] as Axis;
        candidate[axis.name] = valueAt(axis, point[j] as number);
      }
      if (this.isAllowed(candidate)) return candidate;
    }
    return undefined;
  }
}

/** The two densities of a group. */
interface GroupModel {
  /** Axes that they cover: first those whose values are given, then the group's own. */
  readonly columns: readonly number[];
  readonly given: number;
  readonly good: ParzenEstimator;
  readonly bad: ParzenEstimator;
}
