import type { PercentileDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Metrics, type Trial } from '../../sweep/trial.js';
import { costsOf } from './costs.js';
import { goOn, type ConfigurationVerdict, type Decision, type JudgedTrial } from './pruner.js';
import { StoppingPruner } from './stopping.js';

/** So many of the completed trials are compared with: those with the highest numbers, in whatever order they ended. */
const remembered = 1_000;

/** The best cost of a trial so far, at the steps at which it became better. */
interface Curve {
  readonly steps: number[];
  readonly costs: number[];
}

/**
 * Stops a trial whose best value so far is worse than a percentile of the best values that completed trials had by the
 * same step. With 50 percent it is the median rule of Google Vizier (Golovin et al. 2017).
 */
export class PercentilePruner extends StoppingPruner {
  readonly #running = new Map<number, Curve>();
  /** By number of the trial. */
  readonly #completed = new Map<number, Curve>();
  #lowest = Infinity;

  constructor(private readonly definition: PercentileDefinition) {
    super(definition.type);
  }

  report({ number }: JudgedTrial, step: number, metrics: Metrics): Decision {
    const { metric, warmup, startup, percentile, type } = this.definition;
    const cost = costsOf(metrics, [metric])?.[0];
    if (cost === undefined) return goOn;
    this.hasSeenMetrics = true;
    const curve = this.#running.get(number) ?? { steps: [], costs: [] };
    this.#running.set(number, curve);
    const best = improve(curve, step, cost);
    if (step < warmup || this.#completed.size < startup) return goOn;
    const peers = [...this.#completed.values()].flatMap((other) => bestBy(other, step) ?? []);
    const better = peers.filter((value) => value < best).length;
    if (peers.length < Math.max(1, startup) || better <= (peers.length * percentile) / 100) return goOn;
    const reason = `${type}: ${better} of ${peers.length} completed trials were better by step ${step}`;
    return { action: 'stop', reason };
  }

  override ended({ number, state }: Trial): readonly ConfigurationVerdict[] {
    const curve = this.#running.get(number);
    this.#running.delete(number);
    if (curve && state === TrialState.Completed) this.#remember(number, curve);
    return [];
  }

  #remember(number: number, curve: Curve): void {
    this.#completed.set(number, curve);
    this.#lowest = Math.min(this.#lowest, number);
    if (this.#completed.size <= remembered) return;
    this.#completed.delete(this.#lowest);
    this.#lowest = Math.min(...this.#completed.keys());
  }
}

/** Adds a value; the best one so far. */
function improve(curve: Curve, step: number, cost: number): number {
  const best = curve.costs.at(-1) ?? Infinity;
  if (curve.costs.length > 0 && cost >= best) return best;
  curve.steps.push(step);
  curve.costs.push(cost);
  return cost;
}

/** The best cost up to a step; undefined where the curve begins later. */
function bestBy({ steps, costs }: Curve, step: number): number | undefined {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return costs[low - 1];
}
