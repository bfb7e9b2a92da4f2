import type { GridPoint } from '../../sweep/grid.js';
import type { Parameters } from '../../sweep/parameter.js';
import type { Random } from '../../sweep/random.js';
import { SpaceError } from '../../sweep/space-parameter.js';
import type { Space } from '../../sweep/space.js';
import { drawn } from './drawn.js';
import type { TrialHistory } from './sampler.js';

/** In a larger space what was not tried is not looked for one by one: random draws find it. */
const largestSearched = 2n ** 40n;
/** Random draws for a configuration of such a space that was not tried. */
const redraws = 64;

/**
 * Which configurations were tried, so that none is proposed twice: of every space but those with a float that always
 * exists, whose values do not repeat. One with a float may have branches without it, and what steps through a huge space
 * meets its best values again and again. What is remembered between calls only saves time: it follows from the history.
 */
export class TriedConfigurations {
  /** Whether all configurations can be gone through, so that the last one is found. */
  readonly finite: boolean;
  /** Whether what is drawn may well have been tried before; else nothing is remembered. */
  readonly mayRepeat: boolean;
  private seen = new Set<string>();
  private seenIn: TrialHistory['trials'] | undefined;
  private seenTrials = 0;
  private taken = new Set<string>();

  constructor(private readonly space: Space) {
    this.finite = space.combinations !== undefined && space.combinations <= largestSearched;
    this.mayRepeat = !space.parameters.some(
      ({ domain, parameter }) => domain?.size === Infinity && parameter.when === undefined,
    );
  }

  /** Begins a call: what the history holds was tried, what `take` took in the last call is forgotten. */
  follow(trials: TrialHistory['trials']): void {
    if (!this.mayRepeat) return;
    this.taken = new Set();
    if (trials !== this.seenIn || trials.length < this.seenTrials) {
      this.seen = new Set();
      this.seenIn = trials;
      this.seenTrials = 0;
    }
    for (; this.seenTrials < trials.length; this.seenTrials++) {
      const trial = trials[this.seenTrials];
      if (trial) this.seen.add(this.space.key(trial.parameters));
    }
  }

  has(parameters: Parameters): boolean {
    if (!this.mayRepeat) return false;
    const key = this.space.key(parameters);
    return this.seen.has(key) || this.taken.has(key);
  }

  /** Takes a configuration; false where it was tried or taken before. */
  take(parameters: Parameters): boolean {
    if (!this.mayRepeat) return true;
    if (this.has(parameters)) return false;
    this.taken.add(this.space.key(parameters));
    return true;
  }

  /**
   * Some configuration, taken, for want of a better one: of a finite space one that was not tried, and none once all
   * were; of any other a random one, which was tried only where 64 in a row were. None, too, where constraints leave so
   * little of an infinite space that no draw finds it.
   */
  takeAny(random: Random): Parameters | undefined {
    if (this.finite) return this.takeAnyLeft(random);
    let last: Parameters | undefined;
    for (let i = 0; i < redraws; i++) {
      const parameters = drawn(this.space, random);
      if (parameters && this.take(parameters)) return parameters;
      last = parameters ?? last;
      if (!parameters && this.space.combinations !== undefined) break;
    }
    return last ?? (this.space.combinations === undefined ? undefined : this.takeAnyLeft(random));
  }

  /** The next untried point of the grid after a random place, taken; undefined where all have been tried. */
  takeAnyLeft(random: Random): Parameters | undefined {
    const start = BigInt(Math.floor(random.next() * Number(this.space.combinations ?? 0n)));
    for (const [from, to] of [
      [start, undefined],
      [0n, start],
    ] as const) {
      let point = this.gridPoint(from);
      while (point && (to === undefined || point.index < to)) {
        if (this.take(point.parameters)) return point.parameters;
        point = this.gridPoint(point.index + 1n);
      }
    }
    return undefined;
  }

  /** Undefined, too, where constraints exclude more in a row than is gone through: elsewhere there may be one. */
  private gridPoint(from: bigint): GridPoint | undefined {
    try {
      return this.space.nextGridPoint(from);
    } catch (error) {
      if (error instanceof SpaceError) return undefined;
      throw error;
    }
  }
}
