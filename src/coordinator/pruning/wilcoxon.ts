import type { WilcoxonDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../../sweep/trial.js';
import { costsOf } from './costs.js';
import { goOn, type ConfigurationVerdict, type Decision } from './pruner.js';
import { StoppingPruner } from './stopping.js';
import { rankSumChance } from './rank-sum.js';

interface Results {
  readonly costs: number[];
  mean: number;
}

/**
 * Stops the other replicates of a configuration as soon as those that are completed are worse than the best
 * configuration's, by Wilcoxon's rank-sum test. (Replicates of two configurations have different seeds: there is nothing
 * to pair.) With p = 0.1 two replicates that are both worse than all three of the best one are enough.
 */
export class WilcoxonPruner extends StoppingPruner {
  readonly #results = new Map<number, Results>();

  constructor(private readonly definition: WilcoxonDefinition) {
    super(definition.type);
  }

  report(): Decision {
    return goOn;
  }

  override ended(trial: Trial, open: Iterable<number>): readonly ConfigurationVerdict[] {
    if (trial.state !== TrialState.Completed) return [];
    const cost = costsOf(trial.metrics, [this.definition.metric])?.[0];
    if (cost === undefined) return [];
    this.hasSeenMetrics = true;
    const results = this.#results.get(trial.configuration) ?? { costs: [], mean: 0 };
    results.costs.push(cost);
    results.mean = results.costs.reduce((sum, value) => sum + value, 0) / results.costs.length;
    this.#results.set(trial.configuration, results);
    const verdicts: ConfigurationVerdict[] = [];
    for (const configuration of open) {
      const reason = this.#lost(configuration);
      if (reason !== undefined) verdicts.push({ configuration, reason });
    }
    return verdicts;
  }

  #lost(configuration: number): string | undefined {
    const own = this.#results.get(configuration);
    if (!own) return undefined;
    const best = this.#best(own.costs.length);
    if (!best || best[0] === configuration) return undefined;
    const [winner, { costs }] = best;
    const chance = rankSumChance(own.costs, costs);
    if (chance === undefined || chance > this.definition.p) return undefined;
    return `wilcoxon: ${own.costs.length} replicates are worse than ${costs.length} of configuration ${winner} (p = ${Number(chance.toPrecision(2))})`;
  }

  /** The configuration with the best mean among those with at least so many results. */
  #best(atLeast: number): readonly [number, Results] | undefined {
    let best: readonly [number, Results] | undefined;
    for (const entry of this.#results)
      if (entry[1].costs.length >= atLeast && entry[1].mean < (best?.[1].mean ?? Infinity)) best = entry;
    return best;
  }
}
