import type { JsonValue } from '../../../sweep/json.js';
import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import type { EarlierResults } from '../warm/earlier-results.js';
import { drawn } from '../drawn.js';
import { byFronts } from '../fronts.js';
import { believe, type Beliefs } from './acquisition.js';
import { isApart, keptApart } from './apart.js';
import { suggestByCurves } from './by-curves.js';
import { bestOf, openDescent, type DescentResult } from './descents.js';
import { isToldBy, trendOf, warmStartup } from './earlier-trend.js';
import { Features } from './features.js';
import { modelsOf, modelsOfTwo, type FrontSample } from './models.js';
import { observe, type Observation } from './observations.js';
import { propose, type Region } from './proposal.js';
import { scalarise } from './scalarise.js';
import type { Trend } from './trend.js';
import { boundsAround, nearest, sideAfter, wholeSpace } from './trust-region.js';

/**
 * `Trial.origin` of what this sampler proposed: whether it looked in the whole space, or around the best and the number
 * of the configuration that was the best then; or whether it belongs to a descent from elsewhere, which configuration
 * that began with, and around which of them it looked.
 */
type GpOrigin =
  | { readonly gp: 'global' }
  | { readonly gp: 'local'; readonly around: number }
  | { readonly gp: 'descent'; readonly descent: number; readonly around?: number };

type Known = DescentResult;

/** One question to the models: what they are, and where to look. */
interface View {
  readonly models: Beliefs;
  readonly region: Region;
  /** What to ask instead if hardly anything is to be gained there; undefined where a descent is to begin. */
  readonly elsewhere?: () => View | undefined;
  readonly origin: GpOrigin;
  /** How far parallel suggestions are to be apart, as part of a parameter's range. */
  readonly distance: number;
}

/** What a view came to. */
interface Candidates extends Pick<View, 'origin' | 'distance'> {
  readonly proposals: readonly Parameters[];
}

/** The view for each configuration to propose, made when it is needed; they share what they believe. */
interface Views {
  (configuration: number): View;
  /** What has a result. */
  readonly known: readonly Float64Array[];
  /** What runs or was proposed. */
  readonly believed: readonly Float64Array[];
  believe(parameters: Parameters): void;
}

/** From this many searched parameters on, most suggestions look around the best: the whole space is too large. */
const manyParameters = 20;
/** A gain that is as good as none: in standard deviations of what the model sees, and of the noise of one result. */
const hardlyAny = 1e-4;
const lostInNoise = 0.1;
/** With two objectives one looks around so many of the front. */
const mostCentres = 20;
/** Weightings of three objectives or more in one call: each costs a model. */
const mostWeightings = 4;

/**
 * Bayesian optimisation by Gaussian processes with a Matern 5/2 kernel. After evenly spread configurations, suggestions
 * take turns: one maximises the expected improvement in the whole space, by a model of all results; the
 * next in a trust region around the best, by a model of the results near it. Once the whole space promises hardly
 * anything more, the first kind goes down from elsewhere, for the valley may be the wrong one. Running trials count with what
 * is expected of them, replicates by their mean and number. With two objectives suggestions maximise the expected gain
 * of hypervolume; more are weighed at random, differently each time (J. Knowles, "ParEGO", 2006). A suggestion's cost is bounded: of long histories the models see a part.
 */
export class GpSampler implements Sampler {
  private readonly features: Features;
  private readonly tried: TriedConfigurations;
  private readonly earlier: readonly EarlierResults[];
  private madeTrend: { readonly trend: Trend | undefined } | undefined;

  constructor(
    private readonly space: Space,
    private readonly objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    /** Proposes until there are results enough. */
    private readonly initial: Sampler,
    /** Of earlier sweeps. With several objectives they do not count. */
    earlier: readonly EarlierResults[] = [],
  ) {
    this.earlier = Object.keys(objectives).length === 1 ? earlier : [];
    this.features = new Features(space);
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    const { known, pending } = observe(history, this.objectives, this.limits);
    const { curves } = history;
    if (curves && this.isJudgedBy(curves.metric)) {
      const model = curves.model();
      if (!model) return this.initial.suggest(history, count, random);
      this.tried.follow(history.trials);
      return suggestByCurves(this.space, model, history, known, this.tried, count, random);
    }
    const trend = this.trendFor(known);
    const { design, fewest } = this.beginning(trend);
    const evenly = Math.max(0, design - known.length - pending.length);
    if (known.length < fewest || evenly >= count) return this.initial.suggest(history, count, random);
    this.tried.follow(history.trials);
    const suggestions = this.initial.suggest(history, evenly, random);
    const begun = suggestions.map(({ parameters }) => parameters);
    for (const parameters of begun) this.tried.take(parameters);
    const views = this.views(known, [...pending, ...begun], trend, random);
    while (suggestions.length < count) {
      const suggestion = this.pick(views, history.configurations + suggestions.length, count, random);
      if (!suggestion) break;
      suggestions.push(suggestion);
      views.believe(suggestion.parameters);
    }
    return suggestions;
  }

  /** Whether this metric is what the search is for. */
  private isJudgedBy(metric: string): boolean {
    const names = Object.keys(this.objectives);
    return names.length === 1 && names[0] === metric;
  }

  /** What earlier sweeps predict, as long as the results bear it out. */
  private trendFor(known: readonly Observation[]): Trend | undefined {
    this.madeTrend ??= { trend: trendOf(this.features, this.earlier) };
    const { trend } = this.madeTrend;
    return trend && isToldBy(trend, this.features, known) ? trend : undefined;
  }

  /**
   * How many evenly spread configurations come first, those that run included, and how many results the models need at
   * least: with many workers, what runs is spread evenly enough, and a third of the results tells more than none.
   */
  private beginning(trend: Trend | undefined): { readonly design: number; readonly fewest: number } {
    if (trend) return { design: warmStartup, fewest: warmStartup };
    const design = Math.min(30, 4 + Math.ceil(1.25 * this.features.axes.length));
    return { design, fewest: Math.ceil(design / 3) };
  }

  private pick(views: Views, configuration: number, count: number, random: Random): Suggestion | undefined {
    const { known, believed } = views;
    const { proposals, origin, distance } = this.candidates(
      views(configuration),
      configuration,
      count,
      random,
    );
    // Where the models are sure of the best, every score but those beside it is low: many workers need not all go there.
    const apart = proposals.filter((parameters) => isApart(this.features.of(parameters), believed, distance));
    const found = [...apart, ...proposals].find(
      (parameters) =>
        isApart(this.features.of(parameters), known, Number.MIN_VALUE) && this.tried.take(parameters),
    );
    const parameters = found ?? this.tried.takeAny(random);
    return parameters && { parameters, origin: { ...origin } };
  }

  /** What may be suggested, best first, by the view or, where that promises hardly anything, from elsewhere. */
  private candidates(view: View, configuration: number, count: number, random: Random): Candidates {
    // Many at once are for many workers, who would wait.
    const share = Math.min(1, 4 / count);
    const effort = { candidates: Math.ceil(30 + 270 * share), climbs: Math.round(4 * share) };
    const ask = ({ models, region }: View): Parameters[] =>
      propose(this.space, this.features, models, region, effort, random);
    // Beside the border of what counts the score is low, and there may be much to gain: what is gained decides.
    const promises = (
      { models: { improvement, noise = 0 } }: View,
      [first]: readonly Parameters[],
    ): boolean =>
      first !== undefined &&
      (improvement?.at(this.features.of(first)) ?? 0) >= Math.log(Math.max(hardlyAny, lostInNoise * noise));
    const proposals = ask(view);
    if (!view.elsewhere || promises(view, proposals)) return { ...view, proposals };
    const other = view.elsewhere();
    const others = other ? ask(other) : [];
    if (other && promises(other, others)) return { ...other, proposals: [...others, ...proposals] };
    const begun: GpOrigin = { gp: 'descent', descent: configuration };
    const beginning = drawn(this.space, random);
    return { ...view, origin: begun, proposals: beginning ? [beginning, ...proposals] : proposals };
  }

  private views(
    known: readonly Observation[],
    pending: readonly Parameters[],
    trend: Trend | undefined,
    random: Random,
  ): Views {
    const made = new Map<string, View>();
    const asked: View[] = [];
    const believed = pending.map((parameters) => this.features.of(parameters));
    const objectives = Object.keys(this.objectives).length;
    const believing = (view: View): View => {
      for (const x of believed) believe(view.models, x);
      asked.push(view);
      return view;
    };
    const make = (local: boolean): View => {
      if (objectives === 2) return this.frontView(known);
      const samples = this.samples(known, random);
      if (local) return this.localView(samples, trend);
      const view = this.globalView(samples, trend);
      return objectives === 1
        ? { ...view, elsewhere: once(() => this.descentView(samples, believing)) }
        : view;
    };
    const view = (configuration: number): View => {
      const local = objectives === 1 && this.isLocal(configuration);
      const key = objectives > 2 ? String(configuration % mostWeightings) : String(local);
      let found = made.get(key);
      if (!found) made.set(key, (found = believing(make(local))));
      return found;
    };
    return Object.assign(view, {
      known: known.map(({ parameters }) => this.features.of(parameters)),
      believed,
      believe: (parameters: Parameters): void => {
        const x = this.features.of(parameters);
        believed.push(x);
        for (const { models } of asked) believe(models, x);
      },
    });
  }

  private isLocal(configuration: number): boolean {
    return this.features.axes.length >= manyParameters ? configuration % 4 !== 0 : configuration % 2 === 1;
  }

  private samples(known: readonly Observation[], random: Random): Known[] {
    const costs = scalarise(known, Object.keys(this.objectives).length, random);
    return known.map(({ configuration, parameters, count, feasible, origin }, i) => {
      const cost = costs[i];
      const around = numberIn(origin, 'around');
      const descent = numberIn(origin, 'descent');
      return {
        configuration,
        x: this.features.of(parameters),
        count,
        feasible,
        ...(cost !== undefined && { cost }),
        ...(around !== undefined && { around }),
        ...(descent !== undefined && { descent }),
      };
    });
  }

  private globalView(samples: readonly Known[], trend: Trend | undefined): View {
    const { features } = this;
    const models = modelsOf(features, samples, 1, trend);
    const best = samples
      .filter(({ feasible }) => feasible)
      .sort((a, b) => (a.cost ?? Infinity) - (b.cost ?? Infinity))
      .slice(0, 5);
    const centres = [...(models.incumbent ? [models.incumbent] : []), ...best.map(({ x }) => x)];
    const region = { bounds: wholeSpace(features), centres, mutation: 1 };
    return { models, region, origin: { gp: 'global' }, distance: keptApart };
  }

  /** @returns undefined where a descent is to begin */
  private descentView(samples: readonly Known[], believing: (view: View) => View): View | undefined {
    const descent = openDescent(this.features, samples);
    if (!descent) return undefined;
    const { models, region, side, first, around } = descent;
    return believing({
      models,
      region,
      origin: { gp: 'descent', descent: first, around },
      distance: keptApart * side,
    });
  }

  private frontView(known: readonly Observation[]): View {
    const samples: FrontSample[] = known.map(({ parameters, count, feasible, costs }) => ({
      x: this.features.of(parameters),
      count,
      feasible,
      ...(costs && { costs }),
    }));
    const best = byFronts(
      samples.flatMap(({ x, costs, feasible }) => (costs && feasible ? [{ x, costs }] : [])),
      mostCentres,
    );
    return {
      models: modelsOfTwo(this.features, samples),
      region: {
        bounds: wholeSpace(this.features),
        centres: best.slice(0, mostCentres).map(({ x }) => x),
        mutation: 1,
      },
      origin: { gp: 'global' },
      distance: keptApart,
    };
  }

  private localView(samples: readonly Known[], trend: Trend | undefined): View {
    const { features } = this;
    const best = bestOf(samples);
    if (!best) return this.globalView(samples, trend);
    const side = sideAfter(samples, features.axes.length);
    const models = modelsOf(features, nearest(features, samples, best.x, side), side, trend);
    const centre = models.incumbent ?? best.x;
    return {
      models,
      region: { bounds: boundsAround(features, centre, side), centres: [centre], mutation: 0.15 },
      origin: { gp: 'local', around: best.configuration },
      distance: keptApart * side,
    };
  }
}

function numberIn(origin: JsonValue | undefined, key: string): number | undefined {
  if (typeof origin !== 'object' || origin === null || Array.isArray(origin)) return undefined;
  const value = (origin as Readonly<Record<string, JsonValue>>)[key];
  return typeof value === 'number' ? value : undefined;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
