import { createRandom } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { ForecastDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Metrics, type Trial } from '../../sweep/trial.js';
import type { EarlierResults } from '../search/warm/earlier-results.js';
import { CurveKeeper } from './curve-keeper.js';
import {
  goOn,
  type ConfigurationVerdict,
  type Decision,
  type JudgedTrial,
  type Pruner,
  type Verdict,
} from './pruner.js';

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
  readonly compares = true;
  /** A report alone lets nobody go on: who is to be paused, says so. */
  readonly revision = 0;
  readonly curves: CurveKeeper;
  /** What a new configuration promises for each step, and of how many points that is. */
  #ofNew: { readonly worth: number; readonly size: number } | undefined;

  constructor(
    private readonly definition: ForecastDefinition,
    private readonly space: Space,
    earlier: readonly EarlierResults[] = [],
  ) {
    this.curves = new CurveKeeper(space, definition.metric, definition, earlier);
  }

  get hasSeenMetrics(): boolean {
    return this.curves.size > 0;
  }

  report(trial: JudgedTrial, step: number, metrics: Metrics): Decision {
    const rung = this.curves.take(trial, step, metrics);
    if (rung === undefined || rung === this.#last) return goOn;
    if (this.#isWorthMore(trial.number) || this.#isDue(trial.number)) return goOn;
    return { action: 'pause', reason: this.standing(trial.number) };
  }

  recall(trial: JudgedTrial, step: number, metrics: Metrics): void {
    this.curves.take(trial, step, metrics);
  }

  ended(trial: Trial): readonly ConfigurationVerdict[] {
    if (trial.state === TrialState.Completed) this.curves.complete(trial, trial.metrics);
    return [];
  }

  promote(paused: ReadonlySet<number>, isLast: boolean): readonly Verdict[] {
    const numbers = [...paused].filter((number) => this.curves.has(number));
    const verdict = (number: number): Verdict => ({ number, reason: this.standing(number) });
    if (isLast) {
      const wholeBest = this.#whole.reduce(
        (best, number) => Math.min(best, this.#expected(number)),
        Infinity,
      );
      return numbers
        .filter((number) => this.#expected(number) < wholeBest)
        .sort((a, b) => this.#expected(a) - this.#expected(b))
        .slice(0, atTheEnd)
        .map(verdict);
    }
    if (!this.curves.model() || numbers.length === 0) return [];
    const first = numbers.reduce((a, b) => (this.#expected(b) < this.#expected(a) ? b : a));
    if (this.#isDue(first)) return [verdict(first)];
    const most = numbers
      .map((number) => ({ number, worth: this.#worth(number) }))
      .reduce((a, b) => (b.worth > a.worth ? b : a));
    return this.#isWorthMore(most.number) ? [verdict(most.number)] : [];
  }

  standing(number: number): string {
    const rung = this.curves.reached.get(number);
    if (rung === undefined) return 'forecast: it has reported nothing to judge by';
    const at = `step ${Number((this.curves.rungs[rung] ?? 0).toPrecision(6))}`;
    const model = this.curves.model();
    if (!model) return `forecast: at ${at}, with too little known to tell its end`;
    return `forecast: at ${at}, rank ${model.rank(number)} of ${model.size} by its expected end`;
  }

  get #last(): number {
    return this.curves.rungs.length - 1;
  }

  /** Trials that ran whole. */
  get #whole(): number[] {
    return [...this.curves.reached].flatMap(([number, rung]) => (rung === this.#last ? [number] : []));
  }

  /** What is expected at its end; before there is a model, what it has reported. */
  #expected(number: number): number {
    const model = this.curves.model();
    return (model ? model.expectedEnd(number) : this.curves.lastCost(number)) ?? Infinity;
  }

  /** The logarithm of what going on to the next rung promises for each step that it costs. */
  #worth(number: number): number {
    const { reached, rungs } = this.curves;
    const rung = reached.get(number) ?? -1;
    const [from = 0, to] = [rungs[rung], rungs[rung + 1]];
    if (to === undefined) return -Infinity;
    return (this.curves.model()?.gain(number, to) ?? -Infinity) - Math.log(to - from);
  }

  /** Than a new configuration. */
  #isWorthMore(number: number): boolean {
    const model = this.curves.model();
    if (!model) return false;
    const { size } = this.curves;
    if (this.#ofNew?.size !== size) {
      const gain = model.gainOfNew(this.space, effort, createRandom(size));
      this.#ofNew = { worth: gain - Math.log(this.definition.min), size };
    }
    return this.#worth(number) > this.#ofNew.worth;
  }

  /** Whether it is time that a trial runs whole, and this is the one. */
  #isDue(number: number): boolean {
    const model = this.curves.model();
    if (!model) return false;
    let whole = 0;
    let steps = 0;
    for (const rung of this.curves.reached.values()) {
      if (rung === this.#last) whole++;
      else steps += this.curves.rungs[rung] ?? 0;
    }
    return steps >= (this.definition.max * (whole + 1) * (whole + 2)) / 2 && model.rank(number) === 1;
  }
}
