import { distance } from 'fastest-levenshtein';

/**
 * The known name that was probably meant: the one with the fewest changed letters (two neighbours swapped count as
 * one change), if at most one in three letters changed. Case does not count.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase().slice(0, 64);
  let nearest: string | undefined;
  let fewest = Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue;
    const changes = changesBetween(wanted, candidate.toLowerCase());
    if (changes < fewest) {
      fewest = changes;
      nearest = candidate;
    }
  }
  return nearest;
}

function changesBetween(a: string, b: string): number {
  let changes = distance(a, b);
  for (let i = 0; i + 1 < a.length && changes > 1; i++) {
    const swapped = `${a.slice(0, i)}${a[i + 1]}${a[i]}${a.slice(i + 2)}`;
    changes = Math.min(changes, 1 + distance(swapped, b));
  }
  return changes;
}

/** ` (did you mean "lr"?)`, or nothing where no known name is near. A name that was cut short is found too. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = [...known];
  const nearest =
    nearestName(name, names) ?? (name.length >= 3 ? onlyOneBeginningWith(name, names) : undefined);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

function onlyOneBeginningWith(name: string, names: readonly string[]): string | undefined {
  const [first, ...others] = names.filter((candidate) =>
    candidate.toLowerCase().startsWith(name.toLowerCase()),
  );
  return others.length === 0 ? first : undefined;
}
