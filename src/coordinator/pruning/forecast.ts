import { createRandom } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { ForecastDefinition } from '../../sweep/sweep-definition.js';
import type { Metrics } from '../../sweep/trial.js';
import { CurveModel, type CurvePoint } from '../search/gp/curve-model.js';
import type { Curves } from '../search/sampler.js';
import { costsOf } from './costs.js';
import {
  goOn,
  type ConfigurationVerdict,
  type Decision,
  type JudgedTrial,
  type Pruner,
  type Verdict,
} from './pruner.js';

/** Trials that a model begins with: these, and more where there are more parameters. */
const fewest = 4;
const moreByParameter = 1.25;
const mostToBegin = 30;
/** How thoroughly a new configuration is looked for that would be worth more than going on. */
const effort = { candidates: 80, climbs: 0 };
/** When nothing else runs, at most so many go on at a time: what they come to decides about the others. */
const atTheEnd = 3;

/**
 * Freeze-thaw search (Swersky et al. 2014): trials are judged at steps min, min * reduction, ..., and a model of all
 * curves so far says what each promises for its end. A trial goes on where that is worth more, for each step that the
 * next judgement costs, than what a new configuration promises; else it is paused, and goes on when that has become so. So where
 * short trainings tell little of long ones, fewer are begun and more go on.
 *
 * To promise is not to have: each time that as many steps as of n + 1 whole trials went into others since the last of n
 * trials ran whole, the one that is expected to end best goes on.
 */
export class ForecastPruner implements Pruner {
  hasSeenMetrics = false;
  /** A report alone lets nobody go on: who is to be paused, says so. */
  readonly revision = 0;
  readonly curves: Curves;
  readonly #points: CurvePoint[] = [];
  /** By trial: how far it has got, as an index of `#rungs`. */
  readonly #reached = new Map<number, number>();
  readonly #rungs: readonly number[];
  readonly #startup: number;
  #model: CurveModel | undefined;
  #modelled = 0;
  /** What a new configuration promises for each step, by the model of now. */
  #ofNew: number | undefined;

  constructor(
    private readonly definition: ForecastDefinition,
    private readonly space: Space,
  ) {
    const { min, max, reduction, metric } = definition;
    const rungs: number[] = [];
    for (let step = min; step < max; step *= reduction) rungs.push(step);
    this.#rungs = [...rungs, max];
    this.#startup = Math.min(mostToBegin, fewest + Math.ceil(moreByParameter * space.searched.length));
    this.curves = {
      metric: metric.name,
      has: (number) => this.#reached.has(number),
      model: () => this.#modelNow(),
    };
  }

  report(trial: JudgedTrial, step: number, metrics: Metrics): Decision {
    const rung = this.#take(trial, step, metrics);
    if (rung === undefined || rung === this.#rungs.length - 1) return goOn;
    if (this.#isWorthMore(trial.number) || this.#isDue(trial.number)) return goOn;
    return { action: 'pause', reason: this.standing(trial.number) };
  }

  recall(trial: JudgedTrial, step: number, metrics: Metrics): void {
    this.#take(trial, step, metrics);
  }

  ended(): readonly ConfigurationVerdict[] {
    return [];
  }

  promote(paused: ReadonlySet<number>, isLast: boolean): readonly Verdict[] {
    const model = this.#modelNow();
    const numbers = [...paused].filter((number) => this.#reached.has(number));
    const verdict = (number: number): Verdict => ({ number, reason: this.standing(number) });
    if (isLast) {
      const [wholeBest = Infinity] = this.#whole
        .map((number) => this.#expected(number))
        .sort((a, b) => a - b);
      return numbers
        .filter((number) => this.#expected(number) < wholeBest)
        .sort((a, b) => this.#expected(a) - this.#expected(b))
        .slice(0, atTheEnd)
        .map(verdict);
    }
    if (!model || numbers.length === 0) return [];
    const first = numbers.reduce((a, b) => (this.#expected(b) < this.#expected(a) ? b : a));
    if (this.#isDue(first)) return [verdict(first)];
    const best = numbers.reduce((a, b) => (this.#worth(b) > this.#worth(a) ? b : a));
    return this.#isWorthMore(best) ? [verdict(best)] : [];
  }

  standing(number: number): string {
    const rung = this.#reached.get(number);
    if (rung === undefined) return 'forecast: it has reported nothing to judge by';
    const at = `step ${Number((this.#rungs[rung] ?? 0).toPrecision(6))}`;
    const model = this.#modelNow();
    if (!model) return `forecast: at ${at}, with too little known to tell its end`;
    return `forecast: at ${at}, rank ${model.rank(number)} of ${model.size} by its expected end`;
  }

  /** Where a report is the first at or beyond a rung: that rung. */
  #take({ number, parameters }: JudgedTrial, step: number, metrics: Metrics): number | undefined {
    const [cost] = costsOf(metrics, [this.definition.metric]) ?? [];
    if (cost === undefined) return undefined;
    this.hasSeenMetrics = true;
    const rung = this.#rungs.findLastIndex((at) => at <= step);
    // A later attempt comes by again: it was decided then that the trial goes on from there.
    if (rung <= (this.#reached.get(number) ?? -1)) return undefined;
    this.#reached.set(number, rung);
    this.#points.push({ number, parameters, step, cost });
    return rung;
  }

  /** Trials that ran whole. */
  get #whole(): number[] {
    const last = this.#rungs.length - 1;
    return [...this.#reached].flatMap(([number, rung]) => (rung === last ? [number] : []));
  }

  #modelNow(): CurveModel | undefined {
    if (this.#reached.size < this.#startup) return undefined;
    if (!this.#model || this.#modelled !== this.#points.length) {
      const { min, max } = this.definition;
      this.#model = new CurveModel(this.space, this.#points, { first: min, last: max });
      this.#modelled = this.#points.length;
      this.#ofNew = undefined;
    }
    return this.#model;
  }

  /** What is expected at its end; before there is a model, what it has reported. */
  #expected(number: number): number {
    const model = this.#modelNow();
    if (model) return model.expectedEnd(number);
    return this.#points.findLast((point) => point.number === number)?.cost ?? Infinity;
  }

  /** The logarithm of what going on to the next rung promises for each step that it costs. */
  #worth(number: number): number {
    const rung = this.#reached.get(number) ?? -1;
    const [from = 0, to] = [this.#rungs[rung], this.#rungs[rung + 1]];
    if (to === undefined) return -Infinity;
    return (this.#modelNow()?.gain(number, to) ?? -Infinity) - Math.log(to - from);
  }

  #isWorthMore(number: number): boolean {
    const model = this.#modelNow();
    if (!model) return false;
    const { min } = this.definition;
    this.#ofNew ??= model.gainOfNew(this.space, effort, createRandom(this.#points.length)) - Math.log(min);
    return this.#worth(number) > this.#ofNew;
  }

  /** Whether it is time that a trial runs whole, and this is the one. */
  #isDue(number: number): boolean {
    const model = this.#modelNow();
    if (!model) return false;
    const whole = this.#whole.length;
    let steps = 0;
    for (const rung of this.#reached.values())
      if (rung < this.#rungs.length - 1) steps += this.#rungs[rung] ?? 0;
    return steps >= (this.definition.max * (whole + 1) * (whole + 2)) / 2 && model.rank(number) === 1;
  }
}
