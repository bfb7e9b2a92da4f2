import type { Parameters } from '../../../sweep/parameter.js';
import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import { score, scoreWithSlopes, type Beliefs } from './acquisition.js';
import type { Axis, Features } from './features.js';
import { minimise, type Bounds } from './minimise.js';

/** Where to look: bounds for each searched parameter, and the configurations to look around. */
export interface Region {
  readonly bounds: Bounds;
  readonly centres: readonly Float64Array[];
  /** How likely a choice is to be another than a centre's, anywhere in the region. */
  readonly mutation: number;
}

export interface Effort {
  /** Configurations to begin with. */
  readonly candidates: number;
  /** How many of them are climbed from. */
  readonly climbs: number;
}

interface Scored {
  readonly parameters: Parameters;
  readonly x: Float64Array;
  readonly value: number;
}

/** Steps of one climb, and how often it goes on after a step of what can not be climbed by slopes. */
const climbSteps = 25;
const climbRounds = 3;
/** Other values of a choice that are looked at in one round. */
const mostOthers = 8;
/** How far one looks around a centre, as parts of the region. */
const reaches = [1, 0.2, 0.05, 0.01];
/** How likely each parameter of a centre is changed, when one looks around; one of them always is. */
const change = 0.2;

/**
 * Looks for the configurations of a region with the highest scores, best first: by random ones, half of them anywhere,
 * half around the centres, the best of which are climbed. All hold the constraints.
 */
export function propose(
  space: Space,
  features: Features,
  beliefs: Beliefs,
  region: Region,
  effort: Effort,
  random: Random,
): Parameters[] {
  const search = new Search(space, features, beliefs, region, random);
  const candidates: Scored[] = [];
  for (let i = 0; i < effort.candidates; i++) {
    const found = search.scored(i % 2 === 0 ? search.anywhere() : search.around());
    if (found) candidates.push(found);
  }
  const byValue = (a: Scored, b: Scored): number => b.value - a.value;
  candidates.sort(byValue);
  const climbed = candidates.slice(0, effort.climbs).map((candidate) => search.climb(candidate));
  return [...climbed.sort(byValue), ...candidates].map(({ parameters }) => parameters);
}

class Search {
  constructor(
    private readonly space: Space,
    private readonly features: Features,
    private readonly beliefs: Beliefs,
    private readonly region: Region,
    private readonly random: Random,
  ) {}

  /** The configuration at a point; undefined where it breaks a constraint. */
  scored(point: Float64Array): Scored | undefined {
    const parameters = this.features.decode(point);
    if (this.space.brokenConstraint(parameters)) return undefined;
    const x = this.features.of(parameters);
    return { parameters, x, value: score(this.beliefs, x) };
  }

  anywhere(): Float64Array {
    const centre = this.centre();
    return Float64Array.from(this.features.axes, (axis, k) => {
      if (axis.unordered && this.random.next() >= this.region.mutation)
        return centre?.[k] ?? this.random.next();
      return this.uniform(k);
    });
  }

  around(): Float64Array {
    const centre = this.centre();
    if (!centre) return this.anywhere();
    const { axes } = this.features;
    const reach = reaches[this.random.below(reaches.length)] ?? 1;
    const certain = this.random.below(axes.length);
    return Float64Array.from(axes, ({ unordered, domain }, k) => {
      const value = centre[k] as number;
      if (k !== certain && this.random.next() >= change) return value;
      if (unordered) return k === certain ? this.uniform(k) : value;
      const { low, high } = this.region.bounds;
      const width = (high[k] as number) - (low[k] as number);
      return this.inside(k, value + this.random.normal() * Math.max(reach * width, 1 / domain.size));
    });
  }

  /** The best found by turns of slopes (what is smooth) and single steps (what is not), from a configuration. */
  climb(from: Scored): Scored {
    let best = from;
    for (let round = 0; round < climbRounds; round++) {
      const before = best;
      for (const found of [this.slide(best), ...this.neighbours(best)]) {
        if (found && found.value > best.value) best = found;
      }
      if (best === before || this.features.axes.every(({ smooth }) => smooth)) break;
    }
    return best;
  }

  private slide({ parameters, x }: Scored): Scored | undefined {
    const free: number[] = [];
    this.features.axes.forEach(({ name, smooth }, k) => {
      if (smooth && parameters[name] !== undefined) free.push(k);
    });
    if (free.length === 0) return undefined;
    const { low, high } = this.region.bounds;
    const pick = (values: Float64Array): Float64Array => Float64Array.from(free, (k) => values[k] as number);
    const put = (values: Float64Array): Float64Array => {
      const point = x.slice();
      free.forEach((k, i) => (point[k] = values[i] as number));
      return point;
    };
    const { x: found } = minimise(
      (values) => {
        const { value, gradient } = scoreWithSlopes(this.beliefs, put(values));
        return { value: -value, gradient: pick(gradient).map((slope) => -slope) };
      },
      pick(x),
      { low: pick(low), high: pick(high) },
      climbSteps,
    );
    return this.scored(put(found));
  }

  private *neighbours({ parameters, x }: Scored): Generator<Scored | undefined> {
    for (const [k, axis] of this.features.axes.entries()) {
      const value = parameters[axis.name];
      if (value === undefined || axis.domain.size === Infinity) continue;
      for (const other of this.others(axis, axis.domain.indexOf(value))) {
        const point = x.slice();
        point[k] = axis.domain.toUnit(axis.domain.at(other));
        yield this.scored(point);
      }
    }
  }

  private others({ unordered, domain }: Axis, index: number): number[] {
    if (!unordered) return [index - 1, index + 1].filter((other) => other >= 0 && other < domain.size);
    const others = Array.from({ length: domain.size }, (_, i) => i).filter((i) => i !== index);
    if (others.length <= mostOthers) return others;
    return Array.from({ length: mostOthers }, () => others[this.random.below(others.length)] as number);
  }

  private centre(): Float64Array | undefined {
    const { centres } = this.region;
    return centres.length === 0 ? undefined : centres[this.random.below(centres.length)];
  }

  private uniform(k: number): number {
    if (this.features.axes[k]?.unordered) return this.random.next();
    const { low, high } = this.region.bounds;
    return (low[k] as number) + this.random.next() * ((high[k] as number) - (low[k] as number));
  }

  private inside(k: number, value: number): number {
    const { low, high } = this.region.bounds;
    return Math.min(high[k] as number, Math.max(low[k] as number, value));
  }
}
