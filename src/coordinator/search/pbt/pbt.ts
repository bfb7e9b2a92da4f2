import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { changeable, type PbtDefinition, type PbtOrigin } from '../../../sweep/pbt.js';
import { createRandom, type Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import { Direction, type SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState } from '../../../sweep/trial.js';
import { formatNumber } from '../../../sweep/units.js';
import { asIfBegun } from '../as-if-begun.js';
import { drawn } from '../drawn.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { perturbed } from './perturb.js';
import { Population, type Judging, type Part, type Standing } from './population.js';

/** What a decision is called in the store: a copy of a better member, or on with what it has. */
export const PbtAction = { Exploit: 'exploit', Continue: 'continue' } as const;

/**
 * Population-based training: M. Jaderberg et al., "Population Based Training of Neural Networks" (2017). Members train
 * side by side, an interval at a time; after each, the worst part of the population gives way to copies of the best, at
 * random, which go on from their checkpoints with changed parameters (truncation selection, perturb and resample). So
 * parameters become schedules, and one training's time finds them.
 *
 * Each interval of each member is a trial, which goes on from the trial before: `PbtOrigin`. A member is compared with
 * those that ended the same interval; it waits until half of them have, and never for the last. Those that are behind
 * come first. A member whose trial failed gives way to a copy. All this follows from the history.
 */
export class PbtSampler implements Sampler {
  readonly #pbt: PbtDefinition;
  readonly #changeable: ReadonlySet<string>;
  readonly #judging: Judging;
  readonly #seed: number;

  /** @param initial proposes the configurations that the members begin with */
  constructor(
    definition: SweepDefinition,
    private readonly space: Space,
    limits: LimitCheck,
    private readonly initial: Sampler,
  ) {
    const { search, objectives } = definition;
    if (!search.pbt) throw new Error('the sampler pbt without its settings');
    this.#pbt = search.pbt;
    this.#seed = search.seed;
    this.#changeable = new Set(changeable(definition));
    const [[metric = '', direction = Direction.Maximize] = []] = Object.entries(objectives);
    this.#judging = { metric, direction, limits };
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    const population = this.#population(history);
    const suggestions = this.#begin(history, population, count, random);
    const waiting = population.members.filter((part) => part.ended && !population.isLast(part));
    // Who is behind comes first; among equals, who has waited longest.
    waiting.sort((a, b) => a.origin.generation - b.origin.generation || a.trial.number - b.trial.number);
    for (const part of waiting) {
      if (suggestions.length === count) break;
      const next = this.#next(population, part, history.configurations + suggestions.length);
      if (next) suggestions.push(next);
    }
    return suggestions;
  }

  isWaiting(history: TrialHistory): boolean {
    const population = this.#population(history);
    return population.members.some((part) => !part.ended && !population.isLast(part));
  }

  goesOnFrom(history: TrialHistory): ReadonlySet<number> {
    return new Set([...this.#population(history).open()].map(({ trial }) => trial.number));
  }

  #population(history: TrialHistory): Population {
    return new Population(history, this.#pbt, this.#judging);
  }

  /** Members that have not begun. */
  #begin(history: TrialHistory, population: Population, count: number, random: Random): Suggestion[] {
    const begun = population.members.length;
    const wanted = Math.min(count, this.#pbt.population - begun);
    if (wanted <= 0) return [];
    const first = this.initial.suggest(history, wanted, random);
    // What was given to begin with comes before what the space is filled with.
    if (first.length < wanted) {
      first.push(...this.initial.suggest(asIfBegun(history, first), wanted - first.length, random));
    }
    // A space may have fewer configurations than the population members: some begin with the same, other seeds apart.
    const others = [...population.members.map(({ trial }) => trial), ...first];
    while (first.length < wanted) {
      const parameters = drawn(this.space, random) ?? others[random.below(others.length)]?.parameters;
      if (!parameters) break;
      first.push({ parameters });
    }
    return first.map(({ parameters, origin }, i) => {
      const of = typeof origin === 'object' && !Array.isArray(origin) ? origin : {};
      return { parameters, origin: { ...of, pbt: this.#origin(population, begun + i, 0) } };
    });
  }

  /** What follows after a member's part; undefined where that can't be told yet, or nobody is left to go on from. */
  #next(population: Population, part: Part, configuration: number): Suggestion | undefined {
    const standing = population.standing(part);
    if (!standing) return undefined;
    const random = createRandom(this.#seed, configuration);
    const { isBottom, sources } = standing;
    const source = sources[random.below(Math.max(1, sources.length))];
    if ((isBottom || !part.handsOn) && source) return this.#copy(population, part, source, standing, random);
    if (!part.handsOn) return undefined;
    const reason = `${this.#standingText(part, standing)}: goes on as it is`;
    return {
      parameters: part.trial.parameters,
      origin: { pbt: this.#origin(population, part.origin.member, part.origin.generation + 1, part) },
      decision: { action: PbtAction.Continue, reason },
    };
  }

  #copy(
    population: Population,
    { trial, origin, handsOn, ended }: Part,
    source: Part,
    standing: Standing,
    random: Random,
  ): Suggestion {
    const { parameters: before, number } = source.trial;
    const parameters = perturbed(this.space, before, this.#changeable, this.#pbt, random);
    const why = handsOn
      ? this.#standingText({ trial, origin, handsOn, ended }, standing)
      : `pbt: trial ${trial.number} ${trial.state}`;
    const reason = `${why}: goes on from trial ${number}${this.#valueText(source)} with ${changesText(before, parameters)}`;
    return {
      parameters,
      origin: { pbt: this.#origin(population, origin.member, origin.generation + 1, source) },
      decision: { action: PbtAction.Exploit, reason },
    };
  }

  #origin(
    population: Population,
    member: number,
    generation: number,
    from?: Part,
  ): { [K in keyof PbtOrigin]: number } {
    const until = population.until(generation);
    return {
      member,
      generation,
      ...(from && { from: from.trial.number }),
      ...(until !== undefined && { until }),
    };
  }

  #standingText(part: Part, { rank, of }: Standing): string {
    return `pbt: rank ${rank} of ${of} at step ${formatNumber(part.origin.until ?? 0, 6)}${this.#valueText(part)}`;
  }

  #valueText({ trial: { metrics, state } }: Part): string {
    const { metric } = this.#judging;
    const value = metrics[metric];
    return value === undefined || state !== TrialState.Completed ? '' : ` (${metric} ${formatNumber(value)})`;
  }
}

/** `lr 0.01 -> 0.0125`, one for each parameter that differs. */
function changesText(before: Parameters, after: Parameters): string {
  const shown = (value: Parameters[string] | undefined): string =>
    typeof value === 'number' ? formatNumber(value) : String(value ?? 'none');
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changes = names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} ${shown(before[name])} -> ${shown(after[name])}`);
  return changes.length === 0 ? 'what that has' : changes.join(', ');
}
