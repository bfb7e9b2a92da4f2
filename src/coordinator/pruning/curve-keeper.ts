import type { Space } from '../../sweep/space.js';
import type { JudgedMetric } from '../../sweep/sweep-definition.js';
import type { Metrics } from '../../sweep/trial.js';
import { CurveModel, type CurvePoint } from '../search/gp/curve-model.js';
import type { Curves } from '../search/sampler.js';
import { costsOf } from './costs.js';
import type { JudgedTrial } from './pruner.js';

/** Trials that a model begins with: these, and more where there are more parameters. */
const fewest = 4;
const moreByParameter = 1.25;
const mostToBegin = 30;

/** What trials reported at the steps at which they are judged (rungs), the end among them, and the model of that. */
export class CurveKeeper implements Curves {
  readonly metric: string;
  /** Ascending; the last one is the end of a whole trial. */
  readonly rungs: readonly number[];
  readonly #points: CurvePoint[] = [];
  /** By trial: how far it has got, as an index of `rungs`. */
  readonly #reached = new Map<number, number>();
  readonly #startup: number;
  #model: CurveModel | undefined;
  #modelled = 0;

  /** Rungs are at min, min * reduction, ... and max. */
  constructor(
    private readonly space: Space,
    private readonly judged: JudgedMetric,
    private readonly halving: { readonly min: number; readonly max: number; readonly reduction: number },
  ) {
    this.metric = judged.name;
    const rungs: number[] = [];
    const { min, max, reduction } = halving;
    for (let step = min; step < max; step *= reduction) rungs.push(step);
    this.rungs = [...rungs, max];
    this.#startup = Math.min(mostToBegin, fewest + Math.ceil(moreByParameter * space.searched.length));
  }

  /** Takes in a report; where it is the trial's first at or beyond a rung, that rung. */
  take({ number, parameters }: JudgedTrial, step: number, metrics: Metrics): number | undefined {
    const [cost] = costsOf(metrics, [this.judged]) ?? [];
    if (cost === undefined) return undefined;
    const rung = this.rungs.findLastIndex((at) => at <= step);
    // A later attempt comes by again: it was decided then that the trial goes on from there.
    if (rung <= (this.#reached.get(number) ?? -1)) return undefined;
    this.#reached.set(number, rung);
    this.#points.push({ number, parameters, step, cost });
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

  /** What a trial reported last at a rung. */
  lastCost(number: number): number | undefined {
    return this.#points.findLast((point) => point.number === number)?.cost;
  }

  model(): CurveModel | undefined {
    if (this.#reached.size < this.#startup) return undefined;
    if (!this.#model || this.#modelled !== this.#points.length) {
      const { min, max } = this.halving;
      this.#model = new CurveModel(this.space, this.#points, { first: min, last: max });
      this.#modelled = this.#points.length;
    }
    return this.#model;
  }
}
