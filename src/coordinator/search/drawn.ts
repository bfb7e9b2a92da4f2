import type { Parameters } from '../../sweep/parameter.js';
import type { Random } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import { SpaceError } from '../../sweep/space-parameter.js';

/**
 * `Space.random`, but undefined where its tries found nothing that holds the constraints: a space may be far from empty
 * and still leave so little that they fail, and a search that has begun goes on in another way.
 */
export function drawn(space: Space, random: Random, given: Parameters = {}): Parameters | undefined {
  try {
    return space.random(random, given);
  } catch (error) {
    if (error instanceof SpaceError) return undefined;
    throw error;
  }
}
