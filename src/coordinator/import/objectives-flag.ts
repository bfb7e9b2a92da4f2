import { Direction } from '../../sweep/sweep-definition.js';
import { UsageError } from '../../support/errors.js';

/** Reads `accuracy=maximize,memory=minimize`, the first one the primary one. Throws `UsageError`. */
export function parseObjectives(text: string): Record<string, Direction> {
  const objectives = new Map<string, Direction>();
  for (const part of text.split(',')) {
    const [name = '', direction = '', ...more] = part.split('=').map((word) => word.trim());
    if (
      name === '' ||
      more.length > 0 ||
      (direction !== Direction.Maximize && direction !== Direction.Minimize)
    )
      throw new UsageError(`--objectives: "${part}" must be name=maximize or name=minimize`);
    const before = objectives.get(name);
    if (before !== undefined)
      throw new UsageError(`--objectives: "${name}" is there twice, as ${before} and as ${direction}`);
    objectives.set(name, direction);
  }
  return Object.fromEntries(objectives);
}
