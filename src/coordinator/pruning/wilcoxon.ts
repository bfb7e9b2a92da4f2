import type { WilcoxonDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../../sweep/trial.js';
import { costsOf } from './costs.js';
import { goOn, type ConfigurationVerdict, type Decision } from './pruner.js';
import { MeanRanks } from './mean-ranks.js';
import { rankSumChance } from './rank-sum.js';
import { StoppingPruner } from './stopping.js';

interface Results {
  readonly costs: number[];
  mean: number;
}

/** The best of the configurations that another one is compared with. */
interface Rival {
  readonly configuration: number;
  readonly costs: readonly number[];
  /** How many it is the best of. */
  readonly among: number;
}

/**
 * Stops the other replicates of a configuration as soon as those that are completed are worse than the best
 * configuration's: by Wilcoxon's rank-sum test where there are two configurations, and by Dunn's where there are more,
 * which is the same with ranks among the results of all (`MeanRanks`). Replicates of two configurations have different
 * seeds: there is nothing to pair.
 *
 * The best of many is the luckiest of them, and each replicate is another look. So that `p` bounds the chance that a
 * configuration as good as all others is ever stopped, the chance of a test is multiplied by the number of
 * configurations that the best one was chosen from (the union bound), and by n (n - 1) at the n-th replicate: over all
 * n from two on the parts 1 / (n (n - 1)) of `p` that are spent come to one.
 */
export class WilcoxonPruner extends StoppingPruner {
  readonly #results = new Map<number, Results>();
  readonly #ranks = new MeanRanks();

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
    this.#ranks.add(cost);
    const verdicts: ConfigurationVerdict[] = [];
    for (const configuration of open) {
      const reason = this.#lost(configuration);
      if (reason !== undefined) verdicts.push({ configuration, reason });
    }
    return verdicts;
  }

  #lost(configuration: number): string | undefined {
    const own = this.#results.get(configuration);
    const replicates = own?.costs.length ?? 0;
    if (!own || replicates < 2) return undefined;
    const best = this.#rivalOf(configuration, replicates);
    if (!best) return undefined;
    const { costs, among } = best;
    const once =
      this.#results.size === 2 ? rankSumChance(own.costs, costs) : this.#ranks.chance(own.costs, costs);
    const chance = (once ?? 1) * among * replicates * (replicates - 1);
    if (chance > this.definition.p) return undefined;
    return `wilcoxon: ${replicates} replicates are worse than ${costs.length} of configuration ${best.configuration}${among > 1 ? `, the best of ${among}` : ''} (p = ${Number(chance.toPrecision(2))})`;
  }

  /** The other configuration with the best mean among those with at least so many results. */
  #rivalOf(configuration: number, atLeast: number): Rival | undefined {
    let best: readonly [number, Results] | undefined;
    let among = 0;
    for (const entry of this.#results) {
      if (entry[0] === configuration || entry[1].costs.length < atLeast) continue;
      among++;
      if (entry[1].mean < (best?.[1].mean ?? Infinity)) best = entry;
    }
    return best && { configuration: best[0], costs: best[1].costs, among };
  }
}
