import type { JsonValue } from '../../../sweep/json.js';
import type { LimitCheck } from '../../../sweep/objective.js';
import { createRandom, type Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import { isTerminal } from '../../../sweep/trial.js';
import { observe } from '../gp/observations.js';
import type { Sampler, Suggestion, TrialHistory } from '../sampler.js';
import { TriedConfigurations } from '../tried.js';
import { Evolution } from './evolution.js';

/** `Trial.origin` of a trial of this sampler: which run and generation it is of, and the point before it was rounded. */
interface CmaesOrigin {
  readonly run: number;
  readonly generation: number;
  readonly point: readonly number[];
}

/** Of one run: by generation, the configurations that were drawn, by number. */
type Generations = { readonly configuration: number; readonly point: Float64Array }[][];

/** Draws for a configuration that breaks a constraint or was tried, before it is taken at random. */
const draws = 32;

/**
 * CMA-ES in runs (`Evolution`). The state of a run is worked out from the history: a generation is over when its first
 * `population` configurations have ended, and only these count. Where all of a generation are under way and more are
 * asked for, another run is begun, so that no worker waits; a run that has come to its end makes room for one with twice
 * the population (IPOP: A. Auger, N. Hansen, CEC 2005). Failures and broken limits come last. Takes parameters with an
 * order that always exist.
 */
export class CmaesSampler implements Sampler {
  private readonly sizes: readonly number[];
  private readonly tried: TriedConfigurations;

  constructor(
    private readonly space: Space,
    private readonly objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    private readonly seed: number,
  ) {
    this.sizes = space.parameters.flatMap(({ domain }) => (domain ? [domain.size] : []));
    this.tried = new TriedConfigurations(space);
  }

  suggest(history: TrialHistory, count: number, random: Random): Suggestion[] {
    this.tried.follow(history.trials);
    const runs = this.generationsOf(history);
    const costs = this.costsOf(history);
    const suggestions: Suggestion[] = [];
    let ended = 0;
    for (let run = 0; suggestions.length < count; run++) {
      const generations = runs[run] ?? [];
      const evolution = this.replay(run, ended, generations, costs);
      if (evolution.ended) {
        ended++;
        continue;
      }
      const drawn = generations[evolution.generation]?.length ?? 0;
      const room = Math.min(count - suggestions.length, evolution.population - drawn);
      for (let i = 0; i < room; i++) {
        const suggestion = this.one(run, evolution, random);
        if (!suggestion) return suggestions;
        suggestions.push(suggestion);
      }
    }
    return suggestions;
  }

  private one(run: number, evolution: Evolution, random: Random): Suggestion | undefined {
    for (let i = 0; i < draws; i++) {
      const point = evolution.draw(random);
      const parameters = this.space.decode([...point]);
      if (this.space.brokenConstraint(parameters) === undefined && this.tried.take(parameters)) {
        return { parameters, origin: { run, generation: evolution.generation, point: [...point] } };
      }
    }
    const parameters = this.tried.finite ? this.tried.takeAnyLeft(random) : this.space.random(random);
    if (!parameters) return undefined;
    return {
      parameters,
      origin: { run, generation: evolution.generation, point: this.space.encode(parameters) },
    };
  }

  private replay(
    run: number,
    ended: number,
    generations: Generations,
    costs: ReadonlyMap<number, number>,
  ): Evolution {
    const n = this.sizes.length;
    const population = (4 + Math.floor(3 * Math.log(n))) * 2 ** ended;
    const random = createRandom(this.seed, run);
    // The first run begins in the middle, each other one somewhere else.
    const start = Float64Array.from(this.sizes, () => (run === 0 ? 0.5 : random.next()));
    const evolution = new Evolution(this.sizes, population, start);
    for (const drawn of generations) {
      const counted = drawn.slice(0, population);
      const costOf = (i: number): number => costs.get(counted[i]?.configuration ?? -1) ?? NaN;
      const order = [...counted.keys()].sort((a, b) =>
        costOf(a) < costOf(b) ? -1 : costOf(a) > costOf(b) ? 1 : 0,
      );
      if (order.length < population || order.some((i) => Number.isNaN(costOf(i))) || evolution.ended) break;
      const best = costOf(order[0] ?? 0);
      evolution.advance(
        order.map((i) => counted[i]?.point ?? start),
        Number.isFinite(best) ? best : evolution.generation,
      );
    }
    return evolution;
  }

  /** By configuration whose trials have all ended: its cost, Infinity where it does not count. */
  private costsOf(history: TrialHistory): ReadonlyMap<number, number> {
    const costs = new Map<number, number>();
    for (const { configuration } of history.trials) costs.set(configuration, Infinity);
    for (const { configuration, feasible, costs: known } of observe(history, this.objectives, this.limits)
      .known) {
      if (feasible) costs.set(configuration, known?.[0] ?? Infinity);
    }
    for (const { configuration, state } of history.trials)
      if (!isTerminal(state)) costs.delete(configuration);
    return costs;
  }

  private generationsOf({ trials }: TrialHistory): Generations[] {
    const runs: Generations[] = [];
    const seen = new Set<number>();
    for (const { configuration, origin } of trials) {
      if (!isCmaesOrigin(origin) || seen.has(configuration)) continue;
      seen.add(configuration);
      const generations = (runs[origin.run] ??= []);
      (generations[origin.generation] ??= []).push({ configuration, point: Float64Array.from(origin.point) });
    }
    return runs;
  }
}

function isCmaesOrigin(
  origin: JsonValue | undefined,
): origin is { [K in keyof CmaesOrigin]: CmaesOrigin[K] } & JsonValue {
  return (
    typeof origin === 'object' &&
    origin !== null &&
    'run' in origin &&
    'generation' in origin &&
    'point' in origin &&
    Array.isArray(origin['point'])
  );
}
