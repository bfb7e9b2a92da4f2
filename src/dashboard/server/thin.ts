/** At most `most` (2 or more) of the items, evenly taken in their order; the first and the last stay. */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const last = items.length - 1;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * last) / (most - 1))] as T);
}
