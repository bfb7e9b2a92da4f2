import type { Space } from '../sweep/space.js';

/** By name: the parameters on whose values it depends whether a parameter exists, by way of derived ones too. */
export function conditionsOf({ parameters }: Space): Map<string, ReadonlySet<string>> {
  // What existence and, of derived ones, value depend on. Parameters come after those that their expressions name.
  const existence = new Map<string, ReadonlySet<string>>();
  const value = new Map<string, ReadonlySet<string>>();
  for (const { name, when, derived } of parameters) {
    const conditions = new Set<string>();
    for (const named of when?.names ?? []) for (const other of value.get(named) ?? []) conditions.add(other);
    existence.set(name, conditions);
    const sources = [...(derived?.names ?? [])].flatMap((named) => [...(value.get(named) ?? [])]);
    value.set(name, new Set([...conditions, ...(derived ? sources : [name])]));
  }
  return existence;
}
