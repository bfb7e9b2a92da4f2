import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { Sampler, Suggestion } from '../../../src/coordinator/search/sampler.js';
import { expand } from '../../../src/coordinator/runner/planning.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { TrialState, type Failure, type Metrics } from '../../../src/sweep/trial.js';

/** A sweep whose trials end when the test says so. */
export class Searching {
  readonly book = new TrialBook();
  sampler: Sampler;

  constructor(readonly definition: SweepDefinition) {
    this.sampler = createSampler(definition, compileSpace(definition));
  }

  /** A new sampler that has seen nothing, as after a restart. */
  restart(): void {
    this.sampler = createSampler(this.definition, compileSpace(this.definition));
  }

  /** What is suggested now, without trying it. */
  peek(count: number): Suggestion[] {
    const random = createRandom(this.definition.search.seed, this.book.configurations);
    return this.sampler.suggest(this.book, count, random);
  }

  /** Adds what is suggested as running trials. */
  begin(count: number): Parameters[] {
    const suggestions = this.peek(count);
    this.add(suggestions);
    return suggestions.map(({ parameters }) => parameters);
  }

  add(suggestions: readonly Suggestion[]): void {
    const next = { number: this.book.size, configuration: this.book.configurations };
    for (const active of this.book.add('s', expand(this.definition, suggestions, next), 0)) {
      this.book.started(active, 1, 'worker', 0);
    }
  }

  /** Ends every running trial with these metrics, or as failed. */
  end(resultOf: (parameters: Parameters, number: number) => Metrics | Failure): void {
    for (const active of [...this.book.active.values()]) {
      const result = resultOf(active.trial.parameters, active.trial.number);
      if ('message' in result) {
        active.trial.failure = result as Failure;
        this.book.finished(active, TrialState.Failed, 0);
      } else {
        active.trial.metrics = result;
        this.book.finished(active, TrialState.Completed, 0);
      }
    }
  }

  /** Tries one configuration after the other. */
  run(configurations: number, resultOf: (parameters: Parameters, number: number) => Metrics | Failure): void {
    for (let i = 0; i < configurations; i++) {
      this.begin(1);
      this.end(resultOf);
    }
  }
}
