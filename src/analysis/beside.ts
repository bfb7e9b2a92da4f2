import type { JsonValue } from '../sweep/json.js';
import type { ParameterValue } from '../sweep/parameter.js';
import { scalars } from '../sweep/space.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';

/** How another sweep's results can be drawn beside those of a sweep. */
export interface Beside {
  /** Parameters that the other one searches. */
  readonly searched: readonly string[];
  /** Its objectives: what all of its results have. */
  readonly metrics: readonly string[];
  /** What it fixes of what the sweep searches: all of its points lie there. */
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  /** Parameters that both fix, to different values: it is another experiment then. */
  readonly differing: readonly string[];
  /** True for those of its trials that agree with what the sweep fixes. Absent: for all. */
  readonly where?: string;
}

type Compared = Pick<SweepDefinition, 'fixed' | 'space' | 'objectives'>;

/** Undefined where the two have no objective, or no searched parameter, in common: nothing could be drawn. */
export function besideOf(sweep: Compared, other: Compared): Beside | undefined {
  const searched = Object.keys(other.space);
  const metrics = Object.keys(other.objectives);
  const isShared = (names: readonly string[], of: object): boolean =>
    names.some((name) => Object.hasOwn(of, name));
  if (!isShared(searched, sweep.space) || !isShared(metrics, sweep.objectives)) return undefined;
  const fixedThere = scalars(other.fixed);
  const agreeing = Object.entries(scalars(sweep.fixed)).filter(([name]) => Object.hasOwn(other.space, name));
  const where = agreeing.map(([name, value]) => `${name} == ${JSON.stringify(value)}`).join(' && ');
  return {
    searched,
    metrics,
    fixed: Object.fromEntries(
      Object.entries(fixedThere).filter(([name]) => Object.hasOwn(sweep.space, name)),
    ),
    differing: Object.entries(sweep.fixed).flatMap(([name, value]) =>
      Object.hasOwn(other.fixed, name) && !isSame(value, other.fixed[name]) ? [name] : [],
    ),
    ...(where !== '' && { where }),
  };
}

function isSame(a: JsonValue, b: JsonValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
