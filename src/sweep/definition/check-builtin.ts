import { didYouMean } from '../nearest.js';
import type { FloatParameter, Parameter, ParameterValue } from '../parameter.js';
import { createRandom } from '../random.js';
import { SpaceError } from '../space-parameter.js';
import { compileSpace } from '../space.js';
import type { SweepDefinition } from '../sweep-definition.js';
import { builtinTrainable, type BuiltinTrainable } from '../trainables.js';
import type { Finding } from './problem.js';
import { checkShape } from './schema-findings.js';

/** Configurations that are looked at for one that the trainable would take. */
const tries = 20;

/**
 * What a built-in trainable would say of the sweep's trials: names that it does not know, values that it does not take,
 * and parameters that do not go together whatever the search chooses.
 */
export function checkBuiltin(definition: SweepDefinition): Finding[] {
  const known = builtinTrainable(definition.trainable);
  if (!known) return [];
  const findings = [...checkParameters(definition, known), ...checkMetrics(definition, known)];
  return findings.length > 0 ? findings : checkTogether(definition, known);
}

function checkParameters({ fixed, space }: SweepDefinition, known: BuiltinTrainable): Finding[] {
  const check = (section: 'fixed' | 'space', name: string, values: readonly unknown[]): Finding[] => {
    const path = [section, name];
    const schema = known.parameters[name];
    if (!schema) return [{ path, message: unknownName(known, 'parameter', name), atKey: true }];
    const wrong = values.flatMap((value) => {
      const read = checkShape(schema, value, path);
      return 'findings' in read ? read.findings.slice(0, 1) : [];
    });
    // A list with several wrong values is told of once.
    return wrong.slice(0, 1).map((finding) => ({ ...finding, path }));
  };
  return [
    ...Object.entries(fixed).flatMap(([name, value]) => check('fixed', name, [value])),
    ...Object.entries(space).flatMap(([name, parameter]) => check('space', name, valuesOf(parameter))),
  ];
}

/** Values that it takes: all of a list; of a range the ends, and what is between them where it is not whole numbers. */
function valuesOf(parameter: Parameter): readonly ParameterValue[] {
  switch (parameter.kind) {
    case 'choice':
    case 'ordinal':
      return parameter.values;
    case 'int':
      return [parameter.low, parameter.high];
    case 'float':
      return [parameter.low, parameter.high, between(parameter)];
    case 'derived':
      return [];
  }
}

function between({ low, high, step }: FloatParameter): number {
  return step === undefined ? Number((low + (high - low) / Math.E).toPrecision(3)) : low + step;
}

function checkMetrics({ objectives }: SweepDefinition, known: BuiltinTrainable): Finding[] {
  return Object.keys(objectives)
    .filter((name) => !known.metrics.includes(name))
    .map((name) => ({
      path: ['objectives', name],
      message: unknownName(known, 'metric', name),
      atKey: true,
    }));
}

function unknownName({ name, parameters, metrics }: BuiltinTrainable, what: string, given: string): string {
  const names = what === 'metric' ? metrics : Object.keys(parameters);
  const all = what === 'metric' ? `; there is ${metrics.join(', ')}` : '';
  return `${name} has no ${what} "${given}"${didYouMean(given, names)}${all}`;
}

function checkTogether(definition: SweepDefinition, { name, whole }: BuiltinTrainable): Finding[] {
  const space = compileSpace(definition);
  const random = createRandom(definition.search.seed);
  let said: { readonly parameter: string; readonly message: string } | undefined;
  for (let i = 0; i < tries; i++) {
    let chosen;
    try {
      chosen = space.random(random);
    } catch (error) {
      // It is so narrow that this is told of elsewhere, or tells nothing here.
      if (error instanceof SpaceError) return [];
      throw error;
    }
    const read = whole.safeParse({ ...definition.fixed, ...chosen });
    if (read.success) return [];
    const [issue] = read.error.issues;
    said ??= { parameter: String(issue?.path[0] ?? ''), message: issue?.message ?? '' };
  }
  if (!said) return [];
  const { parameter, message } = said;
  const section = Object.hasOwn(definition.space, parameter) ? 'space' : 'fixed';
  const isGiven = section === 'space' || Object.hasOwn(definition.fixed, parameter);
  return [
    {
      path: isGiven ? [section, parameter] : ['trainable'],
      message: `${isGiven ? '' : `${name}: ${parameter} `}${message}`,
    },
  ];
}
