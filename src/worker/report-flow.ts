import type { RunningTask } from './threads/thread-pool.js';

/** Reports of one pack that may wait to be stored: those of an outage of nats-server, but not any number. */
const storeWindow = 20_000;

/** Holds a trainable back that reports faster than the stream stores. */
export class ReportFlow {
  #reports = 0;
  /** As `#reports` was when all of them were known to be stored. */
  #stored = 0;
  #checking = false;

  /**
   * @param stored resolves when everything sent until now is stored
   * @param task the one that reports, as long as it runs
   */
  constructor(
    private readonly stored: () => Promise<void>,
    private readonly task: () => RunningTask | undefined,
  ) {}

  /** The task may be held back now, and so be silent. */
  get isChecking(): boolean {
    return this.#checking;
  }

  /** One more report goes out. */
  count(): void {
    this.#reports++;
    if (this.#reports > this.#stored + storeWindow / 2) void this.#follow();
  }

  async #follow(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    this.#limit();
    const reports = this.#reports;
    await this.stored();
    this.#stored = reports;
    this.#limit();
    this.#checking = false;
  }

  #limit(): void {
    this.task()?.limit(this.#stored + storeWindow - this.#reports);
  }
}
