import { compileExpression } from '../../sweep/expression.js';
import { scalars } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';

/** Says whether completed trials reach the goal (`budget.until`), as the reason that the sweep ends with. Pure. */
export function goalOf(definition: SweepDefinition): (trials: readonly Trial[]) => string | undefined {
  const { until } = definition.budget;
  if (until === undefined) return () => undefined;
  const goal = compileExpression(until);
  const fixed = scalars(definition.fixed);
  return (trials) => {
    const reached = trials.find(
      ({ state, parameters, metrics }) =>
        state === 'completed' && goal.evaluate({ ...fixed, ...parameters, ...metrics }) === true,
    );
    return reached && `trial ${reached.number} has reached the goal ${goal.text}`;
  };
}
