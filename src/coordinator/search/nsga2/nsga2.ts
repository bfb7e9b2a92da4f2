import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import { byFronts } from '../fronts.js';
import { observe } from '../gp/observations.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import { cross, mutate } from './variation.js';

/** How many results are parents, and how many evenly spread configurations are tried before there are parents. */
const population = 40;
/** Children that break a constraint or were tried, before one is taken at random. */
const draws = 32;

/**
 * NSGA-II: K. Deb et al., "A fast and elitist multiobjective genetic algorithm" (IEEE Trans. Evol. Comp. 2002). Parents
 * are the best results by fronts of non-domination and crowding, feasible ones first; the better of two at random is
 * taken, twice, and the two are crossed and mutated. There are no generations: each child is compared with all results at
 * once, as in the steady-state form (J. J. Durillo et al., EMO 2009), so that no worker waits for the last of a generation.
 */
export class Nsga2Sampler implements Sampler {
  private readonly tried: TriedConfigurations;

  constructor(
    private readonly space: Space,
    private readonly objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    private readonly initial: Sampler,
  ) {
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    if (history.configurations < population) return this.initial.suggest(history, count, random);
    const parents = this.parentsOf(history);
    if (parents.length < 2) return this.initial.suggest(history, count, random);
    this.tried.follow(history.trials);
    const suggestions: Suggestion[] = [];
    while (suggestions.length < count) {
      const parameters = this.child(parents, random);
      if (!parameters) break;
      suggestions.push({ parameters });
    }
    return suggestions;
  }

  /**
   * Best first. Of those that break limits, fewer broken ones come first (the constrained domination of Deb 2002), and
   * among equals the newest: the oldest would be parents for ever, whatever their children come to.
   */
  private parentsOf(history: TrialHistory): readonly Parameters[] {
    const results = observe(history, this.objectives, this.limits).known.flatMap(
      ({ configuration, parameters, costs, broken = 0 }) =>
        costs ? [{ configuration, parameters, costs, broken }] : [],
    );
    const best = byFronts(
      results.filter(({ broken }) => broken === 0),
      population,
    );
    const others = results
      .filter(({ broken }) => broken > 0)
      .sort((a, b) => a.broken - b.broken || b.configuration - a.configuration);
    return [...best, ...others].slice(0, population).map(({ parameters }) => parameters);
  }

  private child(parents: readonly Parameters[], random: Random): Parameters | undefined {
    // They are in order, so the better of two is the one that comes first.
    const parent = (): number[] => {
      const place = Math.min(random.below(parents.length), random.below(parents.length));
      return this.space.encode(parents[place] ?? {});
    };
    for (let i = 0; i < draws; i++) {
      const point = mutate(cross(parent(), parent(), this.unordered, random), this.unordered, random);
      const parameters = this.space.decode(point);
      if (this.space.brokenConstraint(parameters) === undefined && this.tried.take(parameters))
        return parameters;
    }
    return this.tried.takeAny(random);
  }

  /** By searched parameter: whether it is a choice. */
  private get unordered(): readonly boolean[] {
    return this.space.parameters.flatMap(({ parameter, domain }) =>
      domain ? [parameter.kind === 'choice'] : [],
    );
  }
}
