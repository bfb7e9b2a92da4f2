import type { PatienceDefinition } from '../../sweep/sweep-definition.js';
import type { Metrics, Trial } from '../../sweep/trial.js';
import { costsOf } from './costs.js';
import { goOn, type ConfigurationVerdict, type Decision, type JudgedTrial } from './pruner.js';
import { StoppingPruner } from './stopping.js';

/** Ends a trial that has not improved for so many steps: what it has reached is its result. */
export class PatiencePruner extends StoppingPruner {
  override readonly compares = false;
  /** By running trial: its best cost, and at which step it came to it. */
  readonly #best = new Map<number, { readonly cost: number; readonly step: number }>();

  constructor(private readonly definition: PatienceDefinition) {
    super(definition.type);
  }

  report({ number }: JudgedTrial, step: number, metrics: Metrics): Decision {
    const { metric, patience, delta, warmup } = this.definition;
    const cost = costsOf(metrics, [metric])?.[0];
    if (cost === undefined) return goOn;
    this.hasSeenMetrics = true;
    const best = this.#best.get(number);
    // A later attempt may begin anew.
    if (!best || cost < best.cost - delta || step < best.step) {
      this.#best.set(number, { cost, step });
      return goOn;
    }
    if (step < warmup || step - best.step < patience) return goOn;
    const reason = `patience: ${metric.name} has not improved since step ${best.step}, for ${step - best.step} steps`;
    return { action: 'finish', reason };
  }

  override ended({ number }: Trial): readonly ConfigurationVerdict[] {
    this.#best.delete(number);
    return [];
  }
}
