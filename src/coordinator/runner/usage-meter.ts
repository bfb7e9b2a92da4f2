import type { Usage } from '../../store/sweep-store.js';
import { slotParts } from '../packing/outstanding.js';
import type { TrialBook } from './trial-book.js';

/** Usage is written to the store at most so often; a killed coordinator forgets what it used since. Milliseconds. */
const recordInterval = 5_000;

/** What a sweep uses of its budget, over all coordinators that ran it. Times in milliseconds, usage in seconds. */
export class UsageMeter {
  #recorded: Usage;
  #slotSeconds = 0;
  #countedUntil: number;

  constructor(before: Usage, startedAt: number) {
    this.#recorded = before;
    this.#countedUntil = startedAt;
  }

  addSlotSeconds(seconds: number): void {
    this.#slotSeconds += seconds;
  }

  used(now: number): Usage {
    return {
      seconds: this.#recorded.seconds + Math.max(0, now - this.#countedUntil) / 1000,
      slotSeconds: this.#recorded.slotSeconds + this.#slotSeconds,
    };
  }

  /**
   * With the time that running trials have taken so far: they report it at their end alone. Those of one pack share a
   * slot. Notes in the book how far each is counted.
   * @param busySlots slots of a worker that are taken, as it says
   */
  withRunning(book: TrialBook, now: number, busySlots: (workerId: string) => number | undefined): Usage {
    const used = this.used(now);
    const running = [...book.active.values()].filter(({ trial }) => trial.state === 'running');
    const partOf = slotParts(running, busySlots);
    let seconds = 0;
    for (const active of running) {
      const since = active.countedUntil ?? active.runningSince ?? now;
      const more = (Math.max(0, now - since) / 1000) * partOf(active);
      active.countedUntil = now;
      active.slotSeconds = (active.slotSeconds ?? 0) + more;
      seconds += active.slotSeconds;
    }
    return { seconds: used.seconds, slotSeconds: used.slotSeconds + seconds };
  }

  /** What is to be added to the stored usage; undefined where it can wait. */
  takeUnrecorded(now: number, evenIfRecent = false): Usage | undefined {
    if (!evenIfRecent && now - this.#countedUntil < recordInterval) return undefined;
    const seconds = Math.max(0, now - this.#countedUntil) / 1000;
    const usage = { seconds, slotSeconds: this.#slotSeconds };
    this.#recorded = {
      seconds: this.#recorded.seconds + seconds,
      slotSeconds: this.#recorded.slotSeconds + this.#slotSeconds,
    };
    this.#slotSeconds = 0;
    this.#countedUntil = now;
    return usage;
  }
}
