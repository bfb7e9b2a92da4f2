import { primaryObjective } from '../../analysis/ranking.js';
import { compareValues } from '../../sweep/objective.js';
import { compileLimits } from '../../sweep/limits.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';
import { formatDuration, formatNumber } from '../../sweep/units.js';
import type { RunnerProgress } from '../runner/runner-options.js';

/** What a forecast needs. */
export interface Course {
  /** Since this coordinator began. */
  readonly seconds: number;
  /** Trials that had a result when it began. */
  readonly before: number;
  /** Trials that the sweep will have, where that is known. */
  readonly planned: number | undefined;
}

/** Says in one line how a sweep stands. */
export class ProgressLine {
  readonly #objective: string;
  readonly #limits: ReturnType<typeof compileLimits>;
  #best: Trial | undefined;

  constructor(private readonly definition: SweepDefinition) {
    this.#objective = primaryObjective(definition);
    this.#limits = compileLimits(definition);
  }

  /** Trials that have a result now. */
  ended(trials: Iterable<Trial>): void {
    const { definition } = this;
    const direction = definition.objectives[this.#objective] ?? 'maximize';
    for (const trial of trials) {
      if (trial.state !== 'completed') continue;
      const value = trial.metrics[this.#objective];
      const better = compareValues(value, this.#best?.metrics[this.#objective], direction) < 0;
      if (better && this.#limits(trial.parameters, trial.metrics).length === 0) this.#best = trial;
    }
  }

  text(
    { counts, rate, usage, workers, slots }: RunnerProgress,
    { seconds, before, planned }: Course,
  ): string {
    const { completed, pruned, failed, cancelled, running } = counts;
    const ended = completed + pruned + failed + cancelled;
    const parts = [`${ended}${planned === undefined ? '' : `/${planned}`} trials`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (cancelled > 0) parts.push(`${cancelled} cancelled`);
    parts.push(
      workers === 0 ? 'no worker' : `${running} running on ${slots} ${slots === 1 ? 'slot' : 'slots'}`,
    );
    const best = this.#best?.metrics[this.#objective];
    if (this.#best && best !== undefined)
      parts.push(`best ${this.#objective} ${formatNumber(best)} (trial ${this.#best.number})`);
    if (rate >= 0.95) parts.push(`${formatNumber(rate, 3)}/s`);
    parts.push(formatDuration(Math.round(usage.seconds)));
    const left = (planned ?? 0) - ended;
    if (left > 0 && ended > before && seconds > 3)
      parts.push(`about ${formatDuration(Math.round((left * seconds) / (ended - before)))} left`);
    return parts.join(' · ');
  }
}
