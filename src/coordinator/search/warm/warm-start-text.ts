import type { Space } from '../../../sweep/space.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { earlierResults, type EarlierSweep } from './earlier-results.js';

/** What comes of `search.warmStart`, in one line. */
export function warmStartText(
  definition: Pick<SweepDefinition, 'objectives' | 'limits' | 'fixed'>,
  space: Space,
  sweeps: readonly EarlierSweep[],
): string {
  const parts = sweeps.map((sweep) => {
    const { results } = earlierResults(definition, space, sweep);
    return `${results.length} configurations of ${sweep.name} (${sweep.trials.length} trials completed)`;
  });
  return `warm start: ${parts.join(', ')} fit this space`;
}
