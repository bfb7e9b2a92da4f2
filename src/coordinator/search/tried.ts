import type { Parameters } from '../../sweep/parameter.js';
import type { Random } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { TrialHistory } from './sampler.js';

/** In a larger space equal configurations are so rare that remembering all of them is not worth the memory. */
const largestRemembered = 2n ** 40n;

/**
 * Which configurations of a finite space were tried, so that none is proposed twice. What is remembered between
 * calls only saves time: it follows from the history.
 */
export class TriedConfigurations {
  /** Whether configurations are remembered. In an infinite or huge space they are not: everything counts as new. */
  readonly finite: boolean;
  private seen = new Set<string>();
  private seenIn: TrialHistory['trials'] | undefined;
  private seenTrials = 0;
  private taken = new Set<string>();

  constructor(private readonly space: Space) {
    this.finite = space.combinations !== undefined && space.combinations <= largestRemembered;
  }

  /** Begins a call: what the history holds was tried, what `take` took in the last call is forgotten. */
  follow(trials: TrialHistory['trials']): void {
    if (!this.finite) return;
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
    if (!this.finite) return false;
    const key = this.space.key(parameters);
    return this.seen.has(key) || this.taken.has(key);
  }

  /** Takes a configuration; false where it was tried or taken before. */
  take(parameters: Parameters): boolean {
    if (!this.finite) return true;
    if (this.has(parameters)) return false;
    this.taken.add(this.space.key(parameters));
    return true;
  }

  /** The next untried point of the grid after a random place, taken; undefined where all have been tried. */
  takeAnyLeft(random: Random): Parameters | undefined {
    const start = BigInt(Math.floor(random.next() * Number(this.space.combinations ?? 0n)));
    for (const [from, to] of [
      [start, undefined],
      [0n, start],
    ] as const) {
      let point = this.space.nextGridPoint(from);
      while (point && (to === undefined || point.index < to)) {
        if (this.take(point.parameters)) return point.parameters;
        point = this.space.nextGridPoint(point.index + 1n);
      }
    }
    return undefined;
  }
}
