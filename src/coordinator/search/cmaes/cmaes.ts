import type { Domain } from '../../../sweep/domain.js';
import type { LimitCheck } from '../../../sweep/objective.js';
import { createRandom, type Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import { Evolution } from './evolution.js';
import { cmaesOrigin, type CmaesOrigin, type GenerationOutcome } from './origin.js';
import { standingOf } from './outcome.js';
import { Runs, type Run } from './runs.js';

/** Draws for a configuration that breaks a constraint or was tried, before it is taken at random. */
const draws = 32;

/** A run as far as it has come. */
interface Position {
  readonly evolution: Evolution;
  /** How many places of the present generation are taken. */
  readonly drawn: number;
  /** With the first one of this generation: what the one before came to. */
  readonly before: GenerationOutcome | undefined;
}

/**
 * CMA-ES in runs (`Evolution`). The state of a run is worked out from the history: a generation is over when its first
 * `population` configurations have ended (`standingOf`), and only these count. Where all of a generation are under way
 * and more are asked for, another run is begun, so that no worker waits; a run that has come to its end makes room for
 * one with twice the population (IPOP: A. Auger, N. Hansen, CEC 2005). What was decided stays so, and stands with the
 * trials: how large a run's population is, and in which order a generation came. Later results of its trials, or other
 * runs that end, do not rewrite it. Takes parameters with an order that always exist.
 */
export class CmaesSampler implements Sampler {
  private readonly domains: readonly Domain[];
  private readonly tried: TriedConfigurations;
  private readonly runs = new Runs();

  constructor(
    private readonly space: Space,
    private readonly objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    private readonly seed: number,
  ) {
    this.domains = space.parameters.flatMap(({ domain }) => (domain ? [domain] : []));
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    this.tried.follow(history.trials);
    this.runs.follow(history.trials);
    const suggestions: Suggestion[] = [];
    let fresh = 4 + Math.floor(3 * Math.log(this.domains.length));
    for (let run = 0; suggestions.length < count; run++) {
      const { evolution, drawn, before } = this.positionOf(run, fresh);
      if (evolution.ended) {
        fresh = Math.max(fresh, 2 * evolution.population);
        continue;
      }
      const { generation, population } = evolution;
      const room = Math.min(count - suggestions.length, population - drawn);
      for (let i = 0; i < room; i++) {
        const outcome = i === 0 ? before : undefined;
        const origin = { run, generation, population, ...(outcome && { before: outcome }) };
        const suggestion = this.one(evolution, origin, random);
        if (!suggestion) return suggestions;
        suggestions.push(suggestion);
      }
    }
    return suggestions;
  }

  private one(
    evolution: Evolution,
    origin: Omit<CmaesOrigin, 'point'>,
    random: Random,
  ): Suggestion | undefined {
    for (let i = 0; i < draws; i++) {
      const point = [...evolution.draw(random)];
      const parameters = this.space.decode(point);
      if (this.space.brokenConstraint(parameters) === undefined && this.tried.take(parameters)) {
        return { parameters, origin: cmaesOrigin({ ...origin, point }) };
      }
    }
    const parameters = this.tried.takeAny(random);
    return (
      parameters && { parameters, origin: cmaesOrigin({ ...origin, point: this.space.encode(parameters) }) }
    );
  }

  /** @param fresh the population of a run that begins now: twice that of the largest one that has come to its end */
  private positionOf(index: number, fresh: number): Position {
    const run = this.runs.at(index);
    const population = run.population ?? fresh;
    const { outcomes, drawn } = this.outcomesOf(run, population);
    const evolution = this.replay(index, run, population, outcomes);
    const isFirst = run.generations[evolution.generation] === undefined;
    return { evolution, drawn, before: isFirst ? outcomes.at(-1) : undefined };
  }

  /** What the generations that are over came to, and how many places of the next are taken. */
  private outcomesOf(
    run: Run,
    population: number,
  ): { readonly outcomes: readonly GenerationOutcome[]; readonly drawn: number } {
    const outcomes: GenerationOutcome[] = [];
    for (;;) {
      const stored = run.outcomes[outcomes.length];
      if (stored) {
        outcomes.push(stored);
        continue;
      }
      const generation = (run.generations[outcomes.length] ?? []).map(({ configuration }) =>
        this.runs.replicatesOf(configuration),
      );
      const { outcome, drawn } = standingOf(generation, population, this.objectives, this.limits);
      if (!outcome) return { outcomes, drawn };
      outcomes.push(outcome);
    }
  }

  /** The run after these generations. It goes on from where the last call came to, if that was on the same way. */
  private replay(
    index: number,
    run: Run,
    population: number,
    outcomes: readonly GenerationOutcome[],
  ): Evolution {
    const { known } = run;
    const goesOn =
      known?.evolution.population === population &&
      known.applied.every((applied, generation) => isSame(applied, outcomes[generation]));
    const evolution = goesOn ? known.evolution : this.begin(index, population);
    for (const { order, best } of outcomes.slice(evolution.generation)) {
      if (evolution.ended) break;
      const points = order.flatMap((configuration) => run.points.get(configuration) ?? []);
      evolution.advance(points, best ?? evolution.generation);
    }
    run.known = { evolution, applied: outcomes.slice(0, evolution.generation) };
    return evolution;
  }

  private begin(run: number, population: number): Evolution {
    const random = createRandom(this.seed, run);
    // The first run begins in the middle, each other one somewhere else.
    const start = Float64Array.from(this.domains, () => (run === 0 ? 0.5 : random.next()));
    return new Evolution(this.domains, population, start);
  }
}

function isSame(a: GenerationOutcome, b: GenerationOutcome | undefined): boolean {
  if (a === b) return true;
  return (
    b !== undefined &&
    a.best === b.best &&
    a.order.length === b.order.length &&
    a.order.every((configuration, i) => configuration === b.order[i])
  );
}
