import { longestDelay } from './after-failure.js';
import type { ActiveTrial } from './trial-book.js';

/**
 * Milliseconds that a trial still waits after a failure; 0: it may be tried. A wait that is longer than any back-off
 * was set before the clock was put back: it is over.
 */
export function waitLeft({ notBefore }: Pick<ActiveTrial, 'notBefore'>, now: number): number {
  const left = (notBefore ?? 0) - now;
  return left > 0 && left <= longestDelay ? left : 0;
}

/** Queued trials that are not published. Those that wait after a failure stand aside until their time has come. */
export class WaitingLine implements Iterable<ActiveTrial> {
  /** Next one first. */
  readonly #ready = new Set<ActiveTrial>();
  readonly #later = new Set<ActiveTrial>();

  /** Trials that may be published. */
  get ready(): number {
    return this.#ready.size;
  }

  /** All of them. */
  get size(): number {
    return this.#ready.size + this.#later.size;
  }

  /** Those that may be published, next one first. */
  [Symbol.iterator](): Iterator<ActiveTrial> {
    return this.#ready.values();
  }

  has(active: ActiveTrial): boolean {
    return this.#ready.has(active) || this.#later.has(active);
  }

  add(active: ActiveTrial): void {
    this.delete(active);
    (active.notBefore === undefined ? this.#ready : this.#later).add(active);
  }

  /** Before all others that may be published. */
  addFirst(trials: readonly ActiveTrial[]): void {
    const others = [...this.#ready];
    for (const active of trials) this.add(active);
    const isFirst = new Set(trials);
    for (const active of others) {
      if (isFirst.has(active)) continue;
      this.#ready.delete(active);
      this.#ready.add(active);
    }
  }

  delete(active: ActiveTrial): void {
    this.#ready.delete(active);
    this.#later.delete(active);
  }

  /** Takes out up to so many, next one first. What is not queued any more falls out beside them. */
  take(count: number): ActiveTrial[] {
    const taken: ActiveTrial[] = [];
    for (const active of this.#ready) {
      if (taken.length === count) break;
      this.#ready.delete(active);
      if (active.trial.state === 'queued') taken.push(active);
    }
    return taken;
  }

  /** All that may be published, next one first. */
  queued(): ActiveTrial[] {
    for (const active of this.#ready) if (active.trial.state !== 'queued') this.#ready.delete(active);
    return [...this.#ready];
  }

  /**
   * Lets those in whose time has come, before all others.
   * @returns milliseconds until the next one's time; undefined: nobody stands aside
   */
  letIn(now: number): number | undefined {
    const due: ActiveTrial[] = [];
    let next: number | undefined;
    for (const active of this.#later) {
      const left = waitLeft(active, now);
      if (active.trial.state !== 'queued') this.#later.delete(active);
      else if (left === 0) due.push(active);
      else next = Math.min(next ?? Infinity, left);
    }
    if (due.length === 0) return next;
    const others = [...this.#ready];
    this.#ready.clear();
    for (const active of due) this.#later.delete(active);
    for (const active of [...due, ...others]) this.#ready.add(active);
    return next;
  }
}
