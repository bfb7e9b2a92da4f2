/** The trial that the pointer is on: charts that show the same trials mark it together. */
export class HoveredTrial {
  readonly #listeners = new Set<(trial: number | undefined) => void>();
  #trial: number | undefined;

  set(trial: number | undefined): void {
    if (trial === this.#trial) return;
    this.#trial = trial;
    for (const listener of this.#listeners) listener(trial);
  }

  subscribe(listener: (trial: number | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
