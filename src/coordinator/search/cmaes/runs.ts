import type { Trial } from '../../../sweep/trial.js';
import type { TrialHistory } from '../sampler.js';
import type { Evolution } from './evolution.js';
import { isCmaesOrigin, type GenerationOutcome } from './origin.js';

/** One configuration of a generation. */
export interface Drawn {
  readonly configuration: number;
  readonly point: Float64Array;
}

/** What the history holds of one run. */
export interface Run {
  /** Points of a generation; undefined where the history does not say. */
  readonly population: number | undefined;
  /** By generation, in the order in which they were drawn. */
  readonly generations: Drawn[][];
  /** By generation: what it came to, where the next one has begun and says so. */
  readonly outcomes: (GenerationOutcome | undefined)[];
  readonly points: Map<number, Float64Array>;
  /** How far the run was worked out in the last call, and from what. Only saves time. */
  known?: { readonly evolution: Evolution; readonly applied: readonly GenerationOutcome[] };
}

/**
 * The runs that a history holds. What is remembered between calls only saves time: trials are looked at once, for where
 * they came from never changes.
 */
export class Runs {
  #runs: Run[] = [];
  /** By configuration of a run: where its replicates are among the trials. */
  #places = new Map<number, number[]>();
  #trials: TrialHistory['trials'] = [];
  #seen = 0;

  follow(trials: TrialHistory['trials']): void {
    if (trials !== this.#trials || trials.length < this.#seen) {
      this.#runs = [];
      this.#places = new Map();
      this.#trials = trials;
      this.#seen = 0;
    }
    for (; this.#seen < trials.length; this.#seen++) {
      const trial = trials[this.#seen];
      if (trial) this.#add(trial, this.#seen);
    }
  }

  /** Empty where it has not begun. */
  at(run: number): Run {
    return (
      this.#runs[run] ?? {
        population: undefined,
        generations: [],
        outcomes: [],
        points: new Map<number, Float64Array>(),
      }
    );
  }

  replicatesOf(configuration: number): Trial[] {
    return (this.#places.get(configuration) ?? []).flatMap((place) => this.#trials[place] ?? []);
  }

  #add({ configuration, origin }: Trial, place: number): void {
    const places = this.#places.get(configuration);
    if (places) places.push(place);
    if (places || !isCmaesOrigin(origin)) return;
    this.#places.set(configuration, [place]);
    const { generation, before } = origin;
    const run = (this.#runs[origin.run] ??= { ...this.at(origin.run), population: origin.population });
    const drawn = { configuration, point: Float64Array.from(origin.point) };
    (run.generations[generation] ??= []).push(drawn);
    run.points.set(configuration, drawn.point);
    if (before) run.outcomes[generation - 1] ??= before;
  }
}
