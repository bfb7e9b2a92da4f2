/** How far a trial is with handing on what it has learnt: it is complete with a checkpoint of step `until` or later. */
export class HandingOn {
  /** Its first report at or after `until`. */
  #reached: number | undefined;
  #saves = false;
  #saved = false;

  constructor(readonly until: number) {}

  /** A checkpoint is wanted now. */
  get isDue(): boolean {
    return this.#reached !== undefined && !this.#saved;
  }

  /** What it reported at that step is stored, and so is what it needs to go on from there. */
  get isOver(): boolean {
    return this.#reached !== undefined && this.#saved;
  }

  /**
   * It has reported a step.
   * @param asks whether it has ever asked for the moment to save
   * @returns why it can't hand on
   */
  reported(step: number, asks: boolean): string | undefined {
    if (step < this.until) return undefined;
    this.#reached ??= step;
    if (step === this.#reached || asks || this.#saves) return undefined;
    return `it saves no checkpoints, and another trial is to go on from its step ${this.until}: ${remedy}`;
  }

  /** It makes a checkpoint. */
  saving(): void {
    this.#saves = true;
  }

  saved(step: number): void {
    this.saving();
    if (step >= this.until) this.#saved = true;
  }

  /** Why it can't hand on, where its training ends by itself. Before `until` that is no mistake: nobody goes on from it. */
  ended(): string | undefined {
    if (!this.isDue) return undefined;
    return (
      `its training ended at step ${this.#reached} without a checkpoint, and another trial is to go on from step ` +
      `${this.until}: ${remedy}, and search.steps must be the last step of a whole training`
    );
  }
}

const remedy = 'a trainable that pbt trains must save when `checkpointDue` says so, asked after every report';
