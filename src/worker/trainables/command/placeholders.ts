import type { JsonObject, JsonValue } from '../../../sweep/json.js';
import { placeholder, type trialPlaceholders } from '../../../sweep/placeholders.js';
import { SetupError } from '../trainable.js';

/**
 * The program and its arguments with `{name}` replaced by the parameter of that name, `{seed}` and `{trial}` by the
 * trial's seed and number where no parameter is called so. `{{` and `}}` stand for braces. Each argument stays one
 * argument, whatever a value contains: there is no shell.
 * @throws SetupError for a name that this trial has no value for
 */
export function fillPlaceholders(
  command: readonly string[],
  parameters: JsonObject,
  trial: { readonly number: number; readonly seed: number },
): string[] {
  const own: Record<(typeof trialPlaceholders)[number], number> = { seed: trial.seed, trial: trial.number };
  const values: JsonObject = { ...own, ...parameters };
  return command.map((argument) =>
    argument.replace(placeholder, (found: string, name: string | undefined) => {
      if (name === undefined) return found.charAt(0);
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) throw new SetupError(unknownPlaceholder(argument, name, parameters));
      return asArgument(value);
    }),
  );
}

function asArgument(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function unknownPlaceholder(argument: string, name: string, parameters: JsonObject): string {
  const known = Object.keys(parameters).join(', ') || 'none';
  return (
    `{${name}} in the command's argument "${argument}" is no parameter of this trial (it has ${known}); ` +
    'conditional parameters, which some trials lack, are in SWEEPYARD_PARAMETERS'
  );
}
