import type { Checkpoint } from '../messaging/checkpoints.js';
import { messageOf } from '../support/errors.js';

/**
 * Saves the checkpoints of one trial one after the other, while it trains on. What comes while one is being saved
 * waits; of those that wait only the newest is saved.
 */
export class CheckpointSaver {
  /** The step of the last one that was saved. */
  savedStep: number | undefined;
  #next: Checkpoint | undefined;
  #working: Promise<void> | undefined;

  constructor(
    private readonly save: (checkpoint: Checkpoint) => Promise<void>,
    private readonly log: (text: string) => void,
  ) {}

  put(checkpoint: Checkpoint): void {
    this.#next = checkpoint;
    this.#working ??= this.#work();
  }

  /** Nobody will go on from what waits. */
  drop(): void {
    this.#next = undefined;
  }

  /** Resolves when everything that was put is saved or has failed; undefined where nothing is under way. */
  get settled(): Promise<void> | undefined {
    return this.#working;
  }

  async #work(): Promise<void> {
    for (let next; (next = this.#next);) {
      this.#next = undefined;
      try {
        await this.save(next);
        this.savedStep = next.step;
      } catch (error) {
        this.log(`its checkpoint of step ${next.step} was not saved: ${messageOf(error)}`);
      }
    }
    this.#working = undefined;
  }
}
