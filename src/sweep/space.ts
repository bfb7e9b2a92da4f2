import { show, type Domain } from './domain.js';
import { compileExpression, pickValues, type Expression } from './expression.js';
import { countGrid, nextGridPoint, type GridCount, type GridPoint, type GridSpace } from './grid.js';
import { didYouMean } from './nearest.js';
import type { Parameters, ParameterValue } from './parameter.js';
import type { Random } from './random.js';
import {
  compileParameter,
  derivedValue,
  isActive,
  SpaceError,
  type PartialConfiguration,
  type SpaceParameter,
} from './space-parameter.js';
import type { SweepDefinition } from './sweep-definition.js';

const randomTries = 10_000;

/** Narrower bounds of numeric parameters, both included. */
export type Bounds = Readonly<Record<string, readonly [number, number]>>;

/**
 * The space of a sweep: what `definition.space`, `fixed` and `constraints` mean. All of it is pure and lazy: nothing
 * is ever enumerated in memory.
 *
 * A configuration is canonical: it has exactly the parameters whose `when` is true, derived ones included.
 */
export class Space implements GridSpace {
  /** In an order in which each comes after those its expressions name. */
  readonly parameters: readonly SpaceParameter[];
  readonly constraints: readonly Expression[];
  private readonly constraintNames: ReadonlySet<string>;
  private readonly byName: ReadonlyMap<string, SpaceParameter>;
  /** Fixed parameters that expressions can name. */
  private readonly fixed: Readonly<Record<string, ParameterValue>>;
  /** By index of a parameter: the constraints that can be decided once it and those before it have values. */
  private readonly decidable: readonly (readonly Expression[])[];
  private count: GridCount | undefined;

  constructor(
    definition: Pick<SweepDefinition, 'space' | 'fixed' | 'constraints'>,
    private readonly bounds: Bounds = {},
  ) {
    this.parameters = Object.entries(definition.space).map(([name, parameter]) =>
      compileParameter(name, parameter),
    );
    this.byName = new Map(this.parameters.map((entry) => [entry.name, entry]));
    this.fixed = scalars(definition.fixed);
    this.constraints = definition.constraints.map(compileExpression);
    this.constraintNames = new Set(this.constraints.flatMap(({ names }) => [...names]));
    const position = new Map(this.parameters.map(({ name }, index) => [name, index]));
    const decidable: Expression[][] = this.parameters.map(() => []);
    for (const constraint of this.constraints) {
      const last = Math.max(0, ...[...constraint.names].map((name) => position.get(name) ?? 0));
      decidable[last]?.push(constraint);
    }
    this.decidable = decidable;
  }

  /** Names of the parameters that a sampler chooses. */
  get searched(): string[] {
    return this.parameters.filter(({ domain }) => domain).map(({ name }) => name);
  }

  /** Names of floats without a step: they have no grid. */
  get continuous(): string[] {
    return this.parameters.filter(({ domain }) => domain?.size === Infinity).map(({ name }) => name);
  }

  /** Combinations of all searched values, conditions and constraints left out of account; undefined: infinite. */
  get combinations(): bigint | undefined {
    if (this.continuous.length > 0) return undefined;
    return this.parameters.reduce((product, { domain }) => product * BigInt(domain?.size ?? 1), 1n);
  }

  /**
   * How many different configurations the space has; undefined: infinite. `exact` is false where conditions and
   * constraints are too many to try within a moment: then `points` is an upper bound.
   */
  size(): GridCount | undefined {
    if (this.continuous.length > 0) return undefined;
    this.count ??= countGrid(this);
    return this.count;
  }

  /**
   * The first configuration of the grid whose index is `from` or higher; undefined when there is none. The last
   * parameter varies fastest. Indices are positions among all `combinations`, so they have gaps where combinations
   * are excluded, and each configuration appears under exactly one. Skips whole blocks that a constraint excludes.
   * Throws `SpaceError` where the space is continuous, or where constraints exclude millions of combinations in a row.
   */
  nextGridPoint(from: bigint): GridPoint | undefined {
    const [first] = this.continuous;
    if (first !== undefined) {
      throw new SpaceError(`"${first}" is a float without step: it has no grid; give it a step`);
    }
    return nextGridPoint(this, from);
  }

  /**
   * A random configuration: uniform in the space (on a logarithmic scale where `log` says so) among those that hold
   * the constraints. Draws one number for each searched parameter and try. `given` parameters keep their values.
   * Throws `SpaceError` after 10,000 tries in vain.
   */
  random(random: Random, given: Parameters = {}): Parameters {
    const broken = new Map<Expression, number>();
    for (let attempt = 0; attempt < randomTries; attempt++) {
      const configuration = this.build(({ name, domain }) => {
        const u = random.next();
        return Object.hasOwn(given, name) ? given[name] : domain?.fromUnit(this.within(name, domain, u));
      });
      const constraints = this.brokenConstraints(configuration);
      if (constraints.length === 0) return configuration;
      for (const constraint of constraints) {
        broken.set(constraint, (broken.get(constraint) ?? 0) + 1);
      }
    }
    const [tightest] = [...broken].sort(([, a], [, b]) => b - a)[0] ?? [];
    throw new SpaceError(
      `no configuration holds the constraint "${tightest?.text}" among ${randomTries} random ones; ` +
        `loosen it, or make the parameters depend on each other (value, when)`,
    );
  }

  /**
   * The canonical configuration that these searched values make: derived parameters are added, and what `when`
   * switches off is left out, as is everything unknown. Constraints are not checked.
   */
  complete(values: Parameters): Parameters {
    return this.build(({ name }) => (Object.hasOwn(values, name) ? values[name] : undefined));
  }

  contains(configuration: Parameters): boolean {
    return this.explain(configuration) === undefined;
  }

  /** Why a configuration is not in the space, naming parameter, rule and value; undefined where it is in it. */
  explain(configuration: Parameters): string | undefined {
    for (const name of Object.keys(configuration)) {
      if (!this.byName.has(name)) {
        return `unknown parameter "${name}"${didYouMean(name, this.byName.keys())}`;
      }
    }
    const values: PartialConfiguration = { ...this.fixed, ...configuration };
    for (const entry of this.parameters) {
      const problem = this.explainParameter(entry, configuration, values);
      if (problem !== undefined) return problem;
    }
    const broken = this.brokenConstraint(configuration);
    return broken && `the constraint "${broken.text}" does not hold`;
  }

  /** The same text for the same configuration, and another for any other. */
  key(configuration: Parameters): string {
    return JSON.stringify(
      this.parameters.filter(({ domain }) => domain).map(({ name }) => configuration[name] ?? null),
    );
  }

  /** One coordinate in [0, 1] for each searched parameter; 0.5 where it is absent. */
  encode(configuration: Parameters): number[] {
    return this.parameters.flatMap(({ name, domain }) => {
      if (!domain) return [];
      const value = configuration[name];
      return [value === undefined ? 0.5 : domain.toUnit(value)];
    });
  }

  /** The canonical configuration at a point of the unit cube. Constraints are not checked. */
  decode(point: readonly number[]): Parameters {
    let axis = 0;
    return this.build(({ domain }) => domain?.fromUnit(point[axis++] ?? 0.5));
  }

  /** The first constraint that a configuration breaks. */
  brokenConstraint(configuration: Parameters): Expression | undefined {
    return this.brokenConstraints(configuration)[0];
  }

  private brokenConstraints(configuration: Parameters): Expression[] {
    if (this.constraints.length === 0) return [];
    const values = pickValues(this.constraintNames, configuration, this.fixed);
    return this.constraints.filter((constraint) => !holds(constraint, values));
  }

  /** What expressions can name before any parameter has a value. */
  startValues(): PartialConfiguration {
    return { ...this.fixed };
  }

  /** Whether the constraints that this parameter was the last one to decide hold. */
  holdsAt(index: number, values: PartialConfiguration): boolean {
    return (this.decidable[index] ?? []).every((constraint) => holds(constraint, values));
  }

  /** Whether nothing from this parameter on depends on conditions or constraints. */
  isFreeFrom(index: number): boolean {
    return (
      this.parameters.slice(index).every(({ when }) => !when) &&
      this.decidable.slice(index).every((constraints) => constraints.length === 0)
    );
  }

  /** Picks a value for every searched parameter, in order; asks for inactive ones too, and drops the answer. */
  private build(pick: (entry: SpaceParameter) => ParameterValue | undefined): Parameters {
    const configuration: Record<string, ParameterValue> = {};
    const values: PartialConfiguration = { ...this.fixed };
    for (const entry of this.parameters) {
      const picked = entry.domain ? pick(entry) : derivedValue(entry, values);
      if (picked === undefined || !isActive(entry, values)) continue;
      configuration[entry.name] = picked;
      values[entry.name] = picked;
    }
    return configuration;
  }

  /** A point of the unit interval, brought into the part of it that the bounds leave. */
  private within(name: string, domain: Domain, u: number): number {
    const range = Object.hasOwn(this.bounds, name) ? this.bounds[name] : undefined;
    if (!range) return u;
    const half = domain.size === Infinity ? 0 : 0.5 / domain.size;
    const low = Math.max(0, domain.toUnit(range[0]) - half);
    const high = Math.min(1, domain.toUnit(range[1]) + half);
    return low + u * (high - low);
  }

  private explainParameter(
    entry: SpaceParameter,
    configuration: Parameters,
    values: PartialConfiguration,
  ): string | undefined {
    const { name, domain, when } = entry;
    const value = Object.hasOwn(configuration, name) ? configuration[name] : undefined;
    if (!isActive(entry, values)) {
      return value === undefined
        ? undefined
        : `"${name}" is ${show(value)}, but exists only when ${when?.text}`;
    }
    if (domain) {
      if (value === undefined) return `"${name}" is missing`;
      const problem = domain.explain(value);
      return problem === undefined ? undefined : `"${name}" ${problem}`;
    }
    const computed = derivedValue(entry, values);
    return computed === value
      ? undefined
      : `"${name}" is ${show(value)}, but its value is computed: ${show(computed)}`;
  }
}

/**
 * A constraint does not apply where a parameter that it names is absent and leaves it open. Where arithmetic alone leaves
 * it open (`x / 0`, `sqrt(-1)`), nothing shows that it holds.
 */
function holds(constraint: Expression, values: PartialConfiguration): boolean {
  const result = constraint.evaluate(values);
  if (result !== undefined) return result !== false;
  return [...constraint.names].some((name) => !Object.hasOwn(values, name) || values[name] === undefined);
}

/** @param bounds where random configurations are drawn, to find those that hold constraints of the same bounds */
export function compileSpace(
  definition: Pick<SweepDefinition, 'space' | 'fixed' | 'constraints'>,
  bounds?: Bounds,
): Space {
  return new Space(definition, bounds);
}

/** The entries of `fixed` that expressions can name. */
export function scalars(fixed: SweepDefinition['fixed']): Record<string, ParameterValue> {
  const entries = Object.entries(fixed).filter(
    (entry): entry is [string, ParameterValue] => entry[1] !== null && typeof entry[1] !== 'object',
  );
  return Object.fromEntries(entries);
}
