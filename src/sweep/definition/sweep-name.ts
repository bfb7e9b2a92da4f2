/** Letters, digits, `-` and `_`: names of sweeps and pools stand in commands and in names of files. */
export const plainName = /^[A-Za-z0-9_-]{1,64}$/;
export const plainNameRule = 'must be letters, digits, - and _, at most 64';

/** Why a sweep cannot have this name, as the end of a sentence; undefined where it can. */
export function sweepNameProblem(name: string): string | undefined {
  if (!plainName.test(name)) return plainNameRule;
  if (name.startsWith('-')) return 'must begin with a letter, a digit or _ (commands take -name for flags)';
  if (/^\d+$/.test(name))
    return 'must have a letter, - or _ in it (commands take digits for the number of a trial)';
  return undefined;
}
