/**
 * Sorts names so that each comes after those it depends on, keeping the given order where it can. `circle` is a chain
 * of names that depend on each other, `[a, b, a]`, where there is one. Dependencies that are not among the names are
 * left out of account.
 */
export function orderByDependencies(
  dependencies: ReadonlyMap<string, Iterable<string>>,
): { readonly ordered: string[] } | { readonly circle: string[] } {
  const ordered: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string[] | undefined => {
    if (done.has(name)) return undefined;
    const start = path.indexOf(name);
    if (start >= 0) return [...path.slice(start), name];
    path.push(name);
    for (const needed of dependencies.get(name) ?? []) {
      if (!dependencies.has(needed)) continue;
      const circle = visit(needed);
      if (circle) return circle;
    }
    path.pop();
    done.add(name);
    ordered.push(name);
    return undefined;
  };
  for (const name of dependencies.keys()) {
    const circle = visit(name);
    if (circle) return { circle };
  }
  return { ordered };
}
