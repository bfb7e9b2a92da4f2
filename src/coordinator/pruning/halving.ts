import type { HalvingDefinition } from '../../sweep/sweep-definition.js';
import { goOn, type Decision, type Verdict } from './pruner.js';
import { Rung } from './rung.js';
import { rungsOf } from './rungs.js';

/**
 * Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning"). Rungs are
 * at min, min * reduction, min * reduction^2, ... below max. One in `reduction` of the trials that got to a rung goes on
 * from there, judged as each arrives by those that have arrived before.
 *
 * Stopping (the default) decides once: at first too leniently, for the best of few counts as good. It never looks back,
 * and needs no checkpoints. With `resume` what does not go on is paused, as in the paper, and goes on when so many have
 * come after it that it is among the best part; what was decided with too little evidence is made good.
 *
 * With several metrics trials are ranked by non-domination (Schmucker et al. 2021).
 */
export class Halving {
  readonly #rungs: Rung[] = [];
  /** By trial: the highest rung it has got to, and its costs there. */
  readonly #reached = new Map<number, { readonly rung: number; readonly costs: readonly number[] }>();

  #size = 0;

  /** @param name how its reasons begin */
  constructor(
    private readonly name: string,
    private readonly definition: Pick<HalvingDefinition, 'min' | 'max' | 'reduction' | 'resume'>,
  ) {}

  /** How many times a trial has got to a rung. */
  get size(): number {
    return this.#size;
  }

  /** @param costs what the trial reported; smaller is better */
  report(number: number, step: number, costs: readonly number[]): Decision {
    const index = this.#rungAt(step);
    // A later attempt comes by again: it was decided then that the trial goes on from there.
    if (index <= (this.#reached.get(number)?.rung ?? -1)) return goOn;
    const rung = this.#rung(index);
    rung.add(number, costs);
    this.#size++;
    this.#reached.set(number, { rung: index, costs });
    const { resume } = this.definition;
    if (rung.rank(number, costs) <= this.#room(rung, !resume)) return goOn;
    return { action: resume ? 'pause' : 'stop', reason: this.standing(number) };
  }

  /** From the highest rung down, best first. At the end the best one of each rung goes on, however few came there. */
  promote(paused: ReadonlySet<number>, isLast: boolean): Verdict[] {
    const verdicts: Verdict[] = [];
    for (let index = this.#rungs.length - 1; index >= 0; index--) {
      const rung = this.#rung(index);
      for (const number of rung.best(this.#room(rung, isLast)))
        if (paused.has(number) && this.#reached.get(number)?.rung === index)
          verdicts.push({ number, reason: this.standing(number) });
    }
    return verdicts;
  }

  standing(number: number): string {
    const reached = this.#reached.get(number);
    if (!reached) return `${this.name}: it has got to no rung`;
    const rung = this.#rung(reached.rung);
    return `${this.name}: rank ${rung.rank(number, reached.costs)} of ${rung.size} at rung ${Number(rung.step.toPrecision(6))}`;
  }

  /** How many of those that got to a rung go on. */
  #room(rung: Rung, evenIfFew: boolean): number {
    return Math.max(evenIfFew ? 1 : 0, Math.floor(rung.size / this.definition.reduction));
  }

  /** The highest rung at or below a step; -1 where there is none. */
  #rungAt(step: number): number {
    const { min, max, reduction } = this.definition;
    let index = -1;
    for (const at of rungsOf(min, max, reduction)) {
      if (at > step) break;
      index++;
    }
    return index;
  }

  #rung(index: number): Rung {
    for (let i = this.#rungs.length; i <= index; i++) {
      this.#rungs.push(new Rung(this.definition.min * this.definition.reduction ** i));
    }
    return this.#rungs[index] as Rung;
  }
}
