import type { ThresholdDefinition } from '../../sweep/sweep-definition.js';
import type { Metrics } from '../../sweep/trial.js';
import { goOn, type Decision, type JudgedTrial } from './pruner.js';
import { StoppingPruner } from './stopping.js';

/** Stops a trial whose metric leaves a range: a loss that explodes, an accuracy that stays at chance. */
export class ThresholdPruner extends StoppingPruner {
  override readonly compares = false;

  constructor(private readonly definition: ThresholdDefinition) {
    super(definition.type);
  }

  report(_: JudgedTrial, step: number, metrics: Metrics): Decision {
    const { metric, lower = -Infinity, upper = Infinity, warmup } = this.definition;
    const value = metrics[metric];
    if (value === undefined) return goOn;
    this.hasSeenMetrics = true;
    if (step < warmup || (value >= lower && value <= upper)) return goOn;
    const shown = Number(value.toPrecision(6));
    const broken =
      value < lower ? `below ${lower}` : value > upper ? `above ${upper}` : 'outside of the range';
    return { action: 'stop', reason: `threshold: ${metric} ${shown} is ${broken} at step ${step}` };
  }
}
