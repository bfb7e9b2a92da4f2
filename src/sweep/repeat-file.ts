import type { SweepDefinition, TrainableReference } from './sweep-definition.js';
import type { Trial } from './trial.js';

const longestName = 64;
/** Fewer tell nothing of the noise. */
const fewestReplicates = 3;

/**
 * A sweep file (YAML) that trains one configuration once more, with the sweep's seed: what is searched has one value,
 * what is computed from it is fixed.
 */
export function repeatFile(
  definition: SweepDefinition,
  { parameters, configuration }: Pick<Trial, 'parameters' | 'configuration'>,
): string {
  const { name, trainable, fixed, space, objectives, search, replicates } = definition;
  const isSearched = (parameter: string): boolean => space[parameter]?.kind !== 'derived';
  const chosen = Object.entries(parameters);
  const constant = [...Object.entries(fixed), ...chosen.filter(([parameter]) => !isSearched(parameter))];
  const searched = chosen.filter(([parameter]) => isSearched(parameter));
  const suffix = `-again-${configuration}`;
  return [
    `name: ${name.slice(0, longestName - suffix.length)}${suffix}`,
    `trainable: ${trainableText(trainable)}`,
    ...(constant.length > 0 ? ['fixed:', ...constant.map(line)] : []),
    'space:',
    ...searched.map(([parameter, value]) => line([parameter, [value]])),
    `objectives: ${JSON.stringify(objectives)}`,
    `search: { sampler: grid, seed: ${search.seed} }`,
    `replicates: ${Math.max(fewestReplicates, replicates)}`,
    '',
  ].join('\n');
}

function line([name, value]: readonly [string, unknown]): string {
  return `  ${name}: ${JSON.stringify(value)}`;
}

function trainableText(trainable: TrainableReference): string {
  if (trainable.kind === 'command') return `{ command: ${JSON.stringify(trainable.command)} }`;
  return trainable.kind === 'module' ? JSON.stringify(trainable.path) : trainable.name;
}
