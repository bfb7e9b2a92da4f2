import type { Parameters, ParameterValue } from './parameter.js';
import {
  derivedValue,
  isActive,
  SpaceError,
  type PartialConfiguration,
  type SpaceParameter,
} from './space-parameter.js';

/** What the grid needs to know of a space. */
export interface GridSpace {
  readonly parameters: readonly SpaceParameter[];
  readonly combinations: bigint | undefined;
  startValues(): PartialConfiguration;
  holdsAt(index: number, values: PartialConfiguration): boolean;
  isFreeFrom(index: number): boolean;
}

/** A configuration of the grid and where it is. */
export interface GridPoint {
  /** Position among all combinations of the searched values; the last parameter varies fastest. */
  readonly index: bigint;
  readonly parameters: Parameters;
}

export interface GridCount {
  readonly points: bigint;
  /** False: `points` is an upper bound. */
  readonly exact: boolean;
}

/** Values tried before a search for the next point, or a count, gives up. About a second. */
const searchBudget = 2_000_000;

/**
 * A depth-first walk over the digits of the grid index, one digit for each parameter. A parameter that is inactive or
 * derived has digit 0 alone, so each configuration is met once; a constraint is tried as soon as all it names have
 * values, and what lies below is skipped where it fails.
 */
class GridWalk {
  private readonly values: PartialConfiguration;
  private readonly digits: number[];
  private readonly sizes: readonly number[];
  private spent = 0;

  constructor(
    private readonly space: GridSpace,
    private readonly budget: number,
  ) {
    this.values = space.startValues();
    this.sizes = space.parameters.map(({ domain }) => domain?.size ?? 1);
    this.digits = this.sizes.map(() => 0);
  }

  /** The first point at or after these digits. */
  next(from: readonly number[]): GridPoint | undefined {
    return this.descend(0, from, true) ? this.point() : undefined;
  }

  /** Whether a point was found below level `level`; `bound`: all digits before it equal those of `from`. */
  private descend(level: number, from: readonly number[], bound: boolean): boolean {
    const entry = this.space.parameters[level];
    if (entry === undefined) return true;
    const start = bound ? (from[level] ?? 0) : 0;
    for (const digit of this.digitsAt(level, start)) {
      if (this.descend(level + 1, from, bound && digit === start)) return true;
    }
    this.values[entry.name] = undefined;
    return false;
  }

  /** Configurations below a level. Throws `SpaceError` when the budget is spent. */
  count(level = 0): bigint {
    if (this.space.isFreeFrom(level)) {
      return this.sizes.slice(level).reduce((product, size) => product * BigInt(size), 1n);
    }
    const entry = this.space.parameters[level];
    if (entry === undefined) return 1n;
    let sum = 0n;
    for (const digits = this.digitsAt(level, 0); !digits.next().done;) sum += this.count(level + 1);
    this.values[entry.name] = undefined;
    return sum;
  }

  /** Sets each value that this level can have in turn, from a digit on, if the constraints decided here hold. */
  private *digitsAt(level: number, start: number): Generator<number> {
    const entry = this.space.parameters[level];
    if (entry === undefined) return;
    const { name, domain } = entry;
    const active = isActive(entry, this.values);
    const size = active && domain ? domain.size : 1;
    for (let digit = start; digit < size; digit++) {
      if (this.spent++ > this.budget) {
        throw new SpaceError(
          `the constraints exclude ${this.budget.toLocaleString('en')} combinations of the grid in a row; ` +
            'loosen them, or use the sampler random',
        );
      }
      this.digits[level] = digit;
      this.values[name] = !active ? undefined : domain ? domain.at(digit) : derivedValue(entry, this.values);
      if (this.space.holdsAt(level, this.values)) yield digit;
    }
  }

  private point(): GridPoint {
    let index = 0n;
    const parameters: Record<string, ParameterValue> = {};
    this.space.parameters.forEach(({ name }, level) => {
      index = index * BigInt(this.sizes[level] ?? 1) + BigInt(this.digits[level] ?? 0);
      const value = this.values[name];
      if (value !== undefined) parameters[name] = value;
    });
    return { index, parameters };
  }
}

/** See `Space.nextGridPoint`. */
export function nextGridPoint(space: GridSpace, from: bigint): GridPoint | undefined {
  const digits: number[] = [];
  let rest = from < 0n ? 0n : from;
  for (const { domain } of [...space.parameters].reverse()) {
    const size = BigInt(domain?.size ?? 1);
    digits.unshift(Number(rest % size));
    rest /= size;
  }
  if (rest > 0n) return undefined;
  return new GridWalk(space, searchBudget).next(digits);
}

/** See `Space.size`. */
export function countGrid(space: GridSpace): GridCount {
  try {
    return { points: new GridWalk(space, searchBudget).count(), exact: true };
  } catch (error) {
    if (!(error instanceof SpaceError)) throw error;
    return { points: space.combinations ?? 0n, exact: false };
  }
}
