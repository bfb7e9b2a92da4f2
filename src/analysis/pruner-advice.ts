import { median } from 'simple-statistics';
import { chooseSampler } from '../sweep/samplers.js';
import type { Space } from '../sweep/space.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../sweep/trial.js';
import { formatDuration, formatNumber } from '../sweep/units.js';

/** Completed trials that tell how long one takes. */
const fewest = 5;
/** Seconds. Shorter trials are not worth a decision about each of their rungs. */
const longTrial = 60;
/** Steps of a whole trial, at least, for two rungs before its end. */
const fewestSteps = 9;

/**
 * Which pruner would have saved training, in a sentence; undefined where the sweep has one, or its trials are too short
 * to be worth it. `forecast` where one model of curves does for sampler and pruner (docs/pruning.md), else `asha`.
 */
export function prunerAdvice(
  definition: SweepDefinition,
  space: Space,
  trials: readonly Trial[],
): string | undefined {
  const { pruner, search, objectives, trainable } = definition;
  if (pruner || search.pbt) return undefined;
  const whole = trials.flatMap(({ state, startedAt, finishedAt, lastStep }) =>
    state === TrialState.Completed && startedAt !== undefined && finishedAt !== undefined && lastStep
      ? [{ seconds: (finishedAt - startedAt) / 1000, steps: lastStep }]
      : [],
  );
  if (whole.length < fewest) return undefined;
  const seconds = median(whole.map((trial) => trial.seconds));
  const steps = Math.max(...whole.map((trial) => trial.steps));
  if (seconds < longTrial || steps < fewestSteps) return undefined;
  const max = formatNumber(steps);
  const said = `No pruner: every trial ran whole, ${formatDuration(Math.round(seconds))} each.`;
  const [metric = ''] = Object.keys(objectives);
  const asha = `{ type: asha, max: ${max} }`;
  if (Object.keys(objectives).length > 1 || chooseSampler(definition, space).name !== 'gp')
    return `${said} pruner: ${asha} stops early what falls behind in ${metric}.`;
  const unless =
    trainable.kind === 'builtin' ? '' : ` If the trainable keeps no checkpoints, ${asha} is the better one.`;
  return `${said} pruner: { type: forecast, max: ${max} } goes on with what promises most, by a model of the curves.${unless}`;
}
