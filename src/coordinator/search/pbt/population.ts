import { compareValues, type LimitCheck } from '../../../sweep/objective.js';
import { generationsOf, pbtOriginOf, type PbtDefinition, type PbtOrigin } from '../../../sweep/pbt.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import { isTerminal, TrialState, type Trial } from '../../../sweep/trial.js';
import type { TrialHistory } from '../sampler.js';

/** One interval of one member's training. */
export interface Part {
  readonly trial: Trial;
  readonly origin: PbtOrigin;
  /** It has its result. */
  readonly ended: boolean;
  /** It has a checkpoint of the interval's end, from which others can go on. */
  readonly handsOn: boolean;
}

/** By what members are compared. */
export interface Judging {
  readonly metric: string;
  readonly direction: Direction;
  readonly limits: LimitCheck;
}

/** How a part stands among those of its generation that have ended. */
export interface Standing {
  /** From 1. */
  readonly rank: number;
  readonly of: number;
  /** It is among the worst, that give way. */
  readonly isBottom: boolean;
  /** Better ones that can be copied. */
  readonly sources: readonly Part[];
}

/** Those that have ended an interval, best first, and how many there will be. */
interface Ranking {
  readonly ranked: readonly Part[];
  readonly expected: number;
}

/** A population as the history shows it: which members there are, how far they are, and who is better. Pure. */
export class Population {
  readonly generations: number;
  /** By generation, then by member. */
  readonly #parts: (Part | undefined)[][] = [];
  readonly #rankings = new Map<number, Ranking>();
  /** Each member's last part, by member. */
  readonly members: Part[] = [];

  constructor(
    history: TrialHistory,
    private readonly pbt: PbtDefinition,
    private readonly judging: Judging,
  ) {
    this.generations = generationsOf(pbt);
    for (const trial of history.trials) {
      const origin = pbtOriginOf(trial);
      if (!origin) continue;
      const part = { trial, origin, ended: isTerminal(trial.state), handsOn: handsOn(trial, origin) };
      (this.#parts[origin.generation] ??= [])[origin.member] = part;
      this.members[origin.member] = part;
    }
  }

  /** The step at which a generation hands on; undefined for the last one, which trains to its end. */
  until(generation: number): number | undefined {
    return generation + 1 < this.generations ? (generation + 1) * this.pbt.interval : undefined;
  }

  /** Whether a member has no further part to come: it is in its last one, or its training ended before. */
  isLast({ trial, origin, handsOn: hands }: Part): boolean {
    if (origin.until === undefined) return true;
    return trial.state === TrialState.Completed && !hands;
  }

  /**
   * Undefined as long as less than half of those that get to its generation have ended there: the first ones wait for
   * company, nobody waits for the last.
   */
  standing(part: Part): Standing | undefined {
    const known = this.#of(part.origin.generation).filter(({ ended }) => ended);
    const all = this.#expected(part.origin.generation);
    if (known.length < all / 2) return undefined;
    const sorted = known.sort((a, b) => this.#compare(a.trial, b.trial) || a.trial.number - b.trial.number);
    const place = sorted.indexOf(part);
    const share = Math.floor(this.pbt.quantile * known.length);
    const size = known.length < all ? share : Math.max(1, share);
    const better = sorted.filter(
      ({ trial, handsOn: hands }) => hands && this.#compare(trial, part.trial) < 0,
    );
    return {
      rank: place + 1,
      of: known.length,
      isBottom: place >= known.length - size,
      sources: better.slice(0, Math.max(1, size)),
    };
  }

  /** Parts from which others may still go on: of generations that not everybody has left. */
  *open(): Iterable<Part> {
    for (let generation = 0; generation < this.#parts.length; generation++) {
      if (this.#of(generation + 1).length >= this.#expected(generation + 1)) continue;
      for (const part of this.#of(generation)) if (part.handsOn) yield part;
    }
  }

  #of(generation: number): Part[] {
    return (this.#parts[generation] ?? []).filter((part) => part !== undefined);
  }

  /** How many members get to a generation: those whose training has not ended before. */
  #expected(generation: number): number {
    const finished = this.members.filter(
      (part) => part?.ended && part.origin.generation < generation && this.isLast(part),
    );
    return this.pbt.population - finished.length;
  }

  /** Negative where `a` is better: completed ones before others, feasible ones before infeasible ones. */
  #compare(a: Trial, b: Trial): number {
    const { metric, direction, limits } = this.judging;
    const isOut = ({ state, parameters, metrics }: Trial): number =>
      state !== TrialState.Completed ? 2 : limits(parameters, metrics).length > 0 ? 1 : 0;
    return isOut(a) - isOut(b) || compareValues(a.metrics[metric], b.metrics[metric], direction);
  }
}

function handsOn({ state, lastStep = -Infinity }: Trial, { until }: PbtOrigin): boolean {
  return state === TrialState.Completed && until !== undefined && lastStep >= until;
}
