import { readDefinition } from '../../src/sweep/definition.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';

/** The definition that a sweep file makes; throws where it is wrong. */
export function definitionOf(yaml: string): SweepDefinition {
  const result = readDefinition(yaml, { baseDirectory: '/' });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.definition;
}

/** A sweep over these parameters (YAML flow), with what else is to stand in the file. */
export function sweepOver(space: string, more = ''): SweepDefinition {
  return definitionOf(
    `name: test\ntrainable: { command: [train] }\nspace: ${space}\nobjectives: { y: maximize }\n${more}\n`,
  );
}
