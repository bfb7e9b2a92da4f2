import type { Space } from '../../sweep/space.js';
import type { JudgedMetric } from '../../sweep/sweep-definition.js';
import type { Metrics } from '../../sweep/trial.js';
import { CurveModel, type CurvePoint } from '../search/gp/curve-model.js';
import { isToldBy, trendOf, warmStartup } from '../search/gp/earlier-trend.js';
import { Features } from '../search/gp/features.js';
import type { Trend } from '../search/gp/trend.js';
import type { Curves } from '../search/sampler.js';
import type { EarlierResults } from '../search/warm/earlier-results.js';
import { costsOf } from './costs.js';
import type { JudgedTrial } from './pruner.js';
import { rungsOf } from './rungs.js';

/** Trials that a model begins with: these, and more where there are more parameters. */
const fewest = 4;
const moreByParameter = 1.25;
const mostToBegin = 30;
/**
 * One report is noisy: what a trial came to by a rung is the mean of what it reported from this part of the way to it on.
 * At the last rung, the end, the part is smaller: schedules may make much of the last steps.
 */
const [tailBegins, lastTailBegins] = [2 / 3, 0.8] as const;

/** What a trial reported lately. */
interface Tail {
  /** The last step that was reported. */
  at: number;
  /** Ascending; none that stands in a point already. */
  reports: { readonly step: number; readonly cost: number }[];
}

/** What trials reported up to the steps at which they are judged (rungs), the end among them, and the model of that. */
export class CurveKeeper implements Curves {
  readonly metric: string;
  /** Ascending; the last one is the end of a whole trial. */
  readonly rungs: readonly number[];
  readonly #points: CurvePoint[] = [];
  /** By trial: how far it has got, as an index of `rungs`. */
  readonly #reached = new Map<number, number>();
  readonly #tails = new Map<number, Tail>();
  readonly #startup: number;
  readonly #features: Features;
  /** What earlier sweeps predict, whether the results bear it out or not. */
  readonly #earlier: Trend | undefined;
  #model: CurveModel | undefined;
  #modelled = 0;

  /** Rungs are at min, min * reduction, ... and max. Earlier sweeps tell something of the metric that they measured. */
  constructor(
    private readonly space: Space,
    private readonly judged: JudgedMetric,
    private readonly halving: { readonly min: number; readonly max: number; readonly reduction: number },
    earlier: readonly EarlierResults[] = [],
  ) {
    this.metric = judged.name;
    const { min, max, reduction } = halving;
    this.rungs = [...rungsOf(min, max, reduction), max];
    this.#features = new Features(space);
    this.#earlier = trendOf(
      this.#features,
      earlier.filter(({ metric }) => metric === judged.name),
    );
    this.#startup = Math.min(mostToBegin, fewest + Math.ceil(moreByParameter * space.searched.length));
  }

  /** Takes in a report; where it is the trial's first at or beyond a rung, that rung. */
  take({ number, parameters }: JudgedTrial, step: number, metrics: Metrics): number | undefined {
    const [cost] = costsOf(metrics, [this.judged]) ?? [];
    if (cost === undefined) return undefined;
    let tail = this.#tails.get(number);
    if (!tail) this.#tails.set(number, (tail = { at: -Infinity, reports: [] }));
    // A later attempt comes by again: it was decided then that the trial goes on from there.
    if (step <= tail.at) return undefined;
    tail.at = step;
    const rung = this.rungs.findLastIndex((at) => at <= step);
    const from = step * (rung === this.rungs.length - 1 ? lastTailBegins : tailBegins);
    tail.reports.push({ step, cost });
    tail.reports.splice(
      0,
      tail.reports.findIndex((report) => report.step >= from),
    );
    if (rung <= (this.#reached.get(number) ?? -1)) return undefined;
    this.#reached.set(number, rung);
    const sum = tail.reports.reduce((before, report) => before + report.cost, 0);
    this.#points.push({ number, parameters, step, cost: sum / tail.reports.length });
    tail.reports = [];
    return rung;
  }

  /** Takes in a result: who ends by itself before the last rung has come to its end all the same. */
  complete(trial: JudgedTrial, metrics: Metrics): void {
    if (this.has(trial.number)) this.take(trial, this.halving.max, metrics);
  }

  has(number: number): boolean {
    return this.#reached.has(number);
  }

  /** How many points there are. */
  get size(): number {
    return this.#points.length;
  }

  /** By trial, as an index of `rungs`. */
  get reached(): ReadonlyMap<number, number> {
    return this.#reached;
  }

  /** What a trial came to at the last rung that it got to. */
  lastCost(number: number): number | undefined {
    return this.#points.findLast((point) => point.number === number)?.cost;
  }

  model(): CurveModel | undefined {
    if (this.#modelled === this.#points.length) return this.#model;
    this.#modelled = this.#points.length;
    const trend = this.#trend();
    const { min, max } = this.halving;
    this.#model =
      this.#reached.size < (trend ? warmStartup : this.#startup)
        ? undefined
        : new CurveModel(this.space, this.#points, { first: min, last: max }, trend);
    return this.#model;
  }

  /**
   * What earlier sweeps predict of whole trials, as long as it is borne out: by the furthest rung to which trials enough
   * have come.
   */
  #trend(): Trend | undefined {
    if (!this.#earlier) return undefined;
    const furthest = this.rungs
      .map((_, rung) => this.#at(rung))
      .findLast(({ length }) => length >= warmStartup);
    const results = furthest?.map(({ parameters, cost }) => ({ parameters, costs: [cost] }));
    return results && isToldBy(this.#earlier, this.#features, results) ? this.#earlier : undefined;
  }

  /** What trials came to at one rung. */
  #at(rung: number): CurvePoint[] {
    const [from = 0, to = Infinity] = [this.rungs[rung], this.rungs[rung + 1]];
    return this.#points.filter(({ step }) => step >= from && step < to);
  }
}
