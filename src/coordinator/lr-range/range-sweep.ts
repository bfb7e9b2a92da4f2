import { stringify } from 'yaml';
import { formatProblems, readDefinition } from '../../sweep/definition.js';
import type { JsonObject } from '../../sweep/json.js';
import type { Parameters } from '../../sweep/parameter.js';
import { createRandom } from '../../sweep/random.js';
import { compileSpace } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { UsageError } from '../../support/errors.js';

export interface RangeOptions {
  /** The learning rate rises geometrically from `from` to `to`. */
  readonly from: number;
  readonly to: number;
  readonly passes: number;
  readonly seed: number;
}

/** What ends a training early or changes its learning rate has no place in a range test. */
const dropped = [
  'lr',
  'lrRange',
  'passes',
  'schedule',
  'decayRate',
  'decayPasses',
  'warmup',
  'stopAt',
  'patience',
  'monitor',
  'evaluateEvery',
];

const suffix = '-lr-range';

/**
 * The sweep of one trial that is a learning-rate range test of another sweep's model: of its first configuration of
 * `startWith`, else of the one in the middle of its space.
 * @throws UsageError where the trainable has no range test
 */
export function rangeSweep(
  definition: SweepDefinition,
  { from, to, passes, seed }: RangeOptions,
): { readonly definition: SweepDefinition; readonly source: string } {
  const { trainable, workers } = definition;
  if (trainable.kind !== 'builtin' || trainable.name !== 'har')
    throw new UsageError(
      `a learning-rate range test needs trainable: har, which can raise its rate from step to step`,
    );
  const given: JsonObject = { ...definition.fixed, ...configurationOf(definition, seed) };
  const kept = Object.fromEntries(Object.entries(given).filter(([name]) => !dropped.includes(name)));
  const source = stringify({
    name: definition.name.slice(0, 64 - suffix.length) + suffix,
    trainable: trainable.name,
    fixed: { ...kept, passes, lrRange: [from, to] },
    // A space has at least one parameter; this one leaves nothing to choose.
    space: { lr: [from] },
    objectives: { loss: 'minimize' },
    search: { sampler: 'grid', seed },
    workers: { pool: workers.pool },
  });
  const result = readDefinition(source, { baseDirectory: '.' });
  if (!result.ok) throw new Error(formatProblems(result.problems, source, 'the range test'));
  return { definition: result.definition, source };
}

function configurationOf(definition: SweepDefinition, seed: number): Parameters {
  const space = compileSpace(definition);
  const [first] = definition.search.startWith;
  if (first) return space.random(createRandom(seed), first);
  const middle = space.decode([]);
  return space.brokenConstraint(middle) ? space.random(createRandom(seed)) : middle;
}
