import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';

/**
 * What one types to train a configuration once more: the program with its arguments, or a sweep file of this one
 * configuration (JSON, which is YAML) and the command that runs it.
 */
export function repeatCommand(
  definition: SweepDefinition,
  { number, parameters, seed }: Pick<Trial, 'number' | 'parameters' | 'seed'>,
): string {
  const { trainable, fixed, objectives, name } = definition;
  if (trainable.kind === 'command') {
    const values: Record<string, unknown> = { ...fixed, ...parameters, seed };
    const filled = trainable.command.map((argument) =>
      argument.replace(/\{([A-Za-z_]\w*)\}/g, (whole, key: string) =>
        key in values ? String(values[key]) : whole,
      ),
    );
    return filled.map(quoted).join(' ');
  }
  const space = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, [value]]));
  const file = {
    name: `${name}-again-${number}`.slice(0, 64),
    trainable: trainable.kind === 'builtin' ? trainable.name : trainable.path,
    fixed,
    space,
    objectives,
    search: { trials: 1 },
  };
  return `cat > again.yaml <<'END'\n${JSON.stringify(file, null, 1)}\nEND\ncoordinator start again.yaml`;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
