import { repeatFile } from '../../../sweep/repeat-file.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';

/**
 * What one types to train a configuration once more: the program with its arguments, or a sweep file of this one
 * configuration and the command that runs it.
 */
export function repeatCommand(
  definition: SweepDefinition,
  trial: Pick<Trial, 'parameters' | 'configuration' | 'seed'>,
): string {
  const { trainable, fixed } = definition;
  if (trainable.kind === 'command') {
    const values: Record<string, unknown> = { ...fixed, ...trial.parameters, seed: trial.seed };
    const filled = trainable.command.map((argument) =>
      argument.replace(/\{([A-Za-z_]\w*)\}/g, (whole, key: string) =>
        key in values ? String(values[key]) : whole,
      ),
    );
    return filled.map(quoted).join(' ');
  }
  return `cat > again.yaml <<'END'\n${repeatFile(definition, trial)}END\ncoordinator start again.yaml`;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
