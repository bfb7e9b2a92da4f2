/** What the process had taken when so many trials had ended. */
interface Mark {
  readonly ended: number;
  /** Of the processor, in milliseconds. */
  readonly processor: number;
  /** Bytes. */
  readonly resident: number;
}

/** Follows what a trial costs as more and more have ended. A busy machine changes it little: it is processor time. */
export class Growth {
  readonly #marks: Mark[] = [];

  /** @param trials that there are in all @param parts into which they are divided */
  constructor(
    private readonly trials: number,
    private readonly parts = 10,
  ) {}

  /** So many have ended. */
  ended(count: number): void {
    if (count < (this.#marks.length * this.trials) / this.parts) return;
    const { user, system } = process.cpuUsage();
    const { rss: resident } = process.memoryUsage();
    this.#marks.push({ ended: count, processor: (user + system) / 1_000, resident });
  }

  /** Milliseconds of the processor a trial, part by part. */
  get costs(): number[] {
    return this.#marks.slice(1).map((mark, i) => {
      const before = this.#marks[i] ?? mark;
      return (mark.processor - before.processor) / (mark.ended - before.ended);
    });
  }

  /** Resident bytes that came with a trial, after the first parts, in which the heap finds its size. */
  get residentBytes(): number {
    const [from, to] = [this.#marks[Math.floor(this.#marks.length / 2)], this.#marks.at(-1)];
    return from && to && to !== from ? (to.resident - from.resident) / (to.ended - from.ended) : 0;
  }
}
