import type { NewTrial, SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { Parameters } from '../../sweep/parameter.js';
import { trialSeed } from '../../sweep/random.js';
import { UserFacingError } from '../../support/errors.js';
import type { StoreWriter } from '../runner/store-writer.js';
import type { ActiveTrial, TrialBook } from '../runner/trial-book.js';

interface Wish {
  readonly parameters: Parameters;
  readonly resolve: (number: number) => void;
  readonly reject: (error: Error) => void;
}

/** What is needed to add a trial. */
interface Parts {
  readonly sweep: SweepRecord;
  readonly book: TrialBook;
  readonly store: SweepStore;
  readonly writer: StoreWriter;
  readonly now: () => number;
}

/** Trials of users' own, which wait for their turn: trials get their numbers one after another. */
export class Wishes {
  readonly #waiting: Wish[] = [];

  /** Resolves with the trial's number when it is stored. @throws UserFacingError where the sweep ends before */
  async add(parameters: Parameters): Promise<number> {
    return await new Promise((resolve, reject) => this.#waiting.push({ parameters, resolve, reject }));
  }

  /** Stores them. Called by whoever adds trials, and never twice at once. */
  async fulfil({ sweep, book, store, writer, now }: Parts): Promise<ActiveTrial[]> {
    const added: ActiveTrial[] = [];
    for (let wish; (wish = this.#waiting.shift());) {
      const { parameters, resolve, reject } = wish;
      const configuration = book.configurations;
      const trial: NewTrial = {
        number: book.size,
        configuration,
        replicate: 0,
        seed: trialSeed(sweep.definition.search.seed, configuration, 0),
        parameters,
        origin: { added: true },
      };
      try {
        await writer.run('a new trial', () => store.addTrials(sweep.id, [trial]));
      } catch (error) {
        reject(
          new UserFacingError('the trial was not stored: the sweep has just ended here', undefined, {
            cause: error,
          }),
        );
        throw error;
      }
      added.push(...book.add(sweep.id, [trial], now()));
      resolve(trial.number);
    }
    return added;
  }

  /** None will be fulfilled any more. */
  close(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new UserFacingError('the sweep has just ended'));
  }
}
