import type { Space } from '../../sweep/space.js';
import type { HalvingDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Metrics, type Trial } from '../../sweep/trial.js';
import type { EarlierResults } from '../search/warm/earlier-results.js';
import { costsOf } from './costs.js';
import { CurveKeeper } from './curve-keeper.js';
import { Halving } from './halving.js';
import {
  goOn,
  type ConfigurationVerdict,
  type Decision,
  type JudgedTrial,
  type Pruner,
  type Verdict,
} from './pruner.js';
import { rungsOf } from './rungs.js';

/**
 * `asha`: one successive halving for all trials. `hyperband` (Li et al. 2018, in its asynchronous form): several, the
 * brackets, each of which begins at a later rung than the one before, and the last of which stops nothing; so where
 * early steps mislead, not all is lost. Each bracket gets as many configurations as make its training cost the same as
 * another's. With the sampler tpe this is BOHB's scheme (Falkner et al. 2018).
 */
export class HalvingPruner implements Pruner {
  readonly compares = true;
  hasSeenMetrics = false;
  revision = 0;
  readonly #brackets: readonly Halving[];
  /** Brackets in the order in which configurations get them, again and again. */
  readonly #turns: readonly number[];
  readonly #bracketOf = new Map<number, Halving>();

  /** For samplers alone; absent where trials have no known end, or are judged by several metrics. */
  readonly curves?: CurveKeeper;

  constructor(
    private readonly definition: HalvingDefinition,
    space: Space,
    earlier: readonly EarlierResults[] = [],
  ) {
    const [metric, another] = definition.metrics;
    if (metric && !another && definition.max !== undefined)
      this.curves = new CurveKeeper(space, metric, { ...definition, max: definition.max }, earlier);
    if (definition.type === 'asha') {
      this.#brackets = [new Halving('asha', definition)];
      this.#turns = [0];
      return;
    }
    const { min, max = min, reduction } = definition;
    const starts = bracketStarts(min, max, reduction);
    this.#brackets = starts.map(
      (start, i) =>
        new Halving(`hyperband: bracket ${i + 1} of ${starts.length}`, { ...definition, min: start }),
    );
    this.#turns = bracketTurns(starts.length, reduction);
  }

  report(trial: JudgedTrial, step: number, metrics: Metrics): Decision {
    const { number, configuration } = trial;
    this.curves?.take(trial, step, metrics);
    const costs = costsOf(metrics, this.definition.metrics);
    if (!costs) return goOn;
    this.hasSeenMetrics = true;
    const bracket = this.#brackets[this.#turns[configuration % this.#turns.length] ?? 0];
    if (!bracket) return goOn;
    this.#bracketOf.set(number, bracket);
    const before = bracket.size;
    const decision = bracket.report(number, step, costs);
    if (bracket.size !== before) this.revision++;
    return decision;
  }

  ended(trial: Trial): readonly ConfigurationVerdict[] {
    if (trial.state === TrialState.Completed) this.curves?.complete(trial, trial.metrics);
    return [];
  }

  promote(paused: ReadonlySet<number>, isLast: boolean): readonly Verdict[] {
    return this.#brackets.flatMap((bracket) => bracket.promote(paused, isLast));
  }

  standing(number: number): string {
    const bracket = this.#bracketOf.get(number);
    return bracket
      ? bracket.standing(number)
      : `${this.definition.type}: it has reported nothing to judge by`;
  }
}

/** The steps of the first rungs of Hyperband's brackets: each one rung later; the last one is no rung at all. */
function bracketStarts(min: number, max: number, reduction: number): number[] {
  return [...rungsOf(min, max, reduction), max];
}

/**
 * Which bracket each configuration gets, in turn. Of `count` brackets the one with r rungs gets
 * reduction^r * count / (r + 1) of them, as in Hyperband, and the turns are spread evenly.
 */
function bracketTurns(count: number, reduction: number): number[] {
  const shares = Array.from({ length: count }, (_, i) => {
    const rungs = count - 1 - i;
    return Math.ceil((count / (rungs + 1)) * reduction ** rungs);
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  const credit = shares.map(() => 0);
  return Array.from({ length: total }, () => {
    let next = 0;
    shares.forEach((share, i) => {
      credit[i] = (credit[i] ?? 0) + share;
      if ((credit[i] ?? 0) > (credit[next] ?? 0)) next = i;
    });
    credit[next] = (credit[next] ?? 0) - total;
    return next;
  });
}
