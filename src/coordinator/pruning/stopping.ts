import type { Metrics } from '../../sweep/trial.js';
import type { ConfigurationVerdict, Decision, JudgedTrial, Pruner, Verdict } from './pruner.js';
import type { Trial } from '../../sweep/trial.js';

/** What pruners that pause nothing have in common. */
export abstract class StoppingPruner implements Pruner {
  readonly compares: boolean = true;
  hasSeenMetrics = false;
  readonly revision = 0;

  protected constructor(private readonly name: string) {}

  abstract report(trial: JudgedTrial, step: number, metrics: Metrics): Decision;

  ended(trial: Trial, open: Iterable<number>): readonly ConfigurationVerdict[];
  ended(): readonly ConfigurationVerdict[] {
    return [];
  }

  promote(): readonly Verdict[] {
    return [];
  }

  standing(): string {
    return this.name;
  }
}
