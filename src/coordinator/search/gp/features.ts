import type { Domain } from '../../../sweep/domain.js';
import type { Parameters } from '../../../sweep/parameter.js';
import type { Space } from '../../../sweep/space.js';
import type { Columns } from './kernel.js';

/** An ordered parameter with more values than this is climbed like a continuous one, and rounded in the end. */
const finelyStepped = 30;

/** One searched parameter, and the column of the same index. */
export interface Axis {
  readonly name: string;
  readonly domain: Domain;
  /** A choice: its values have no order. */
  readonly unordered: boolean;
  /** Whether it can be climbed by its slope. */
  readonly smooth: boolean;
}

/**
 * Configurations as points. One column for each searched parameter: its place in [0, 1], 0.5 where it is absent, so
 * that parameters that do not exist tell nothing. One more for each condition (`when`): 1 where it holds, else 0, as in
 * the conditional kernels of F. Hutter and M. A. Osborne, "A kernel for hierarchical parameter spaces" (2013). What
 * has steps is always seen rounded to them (E. C. Garrido-Merchan and D. Hernandez-Lobato, Neurocomputing 2020).
 */
export class Features implements Columns {
  readonly axes: readonly Axis[];
  readonly size: number;
  readonly unordered: Uint8Array;
  /** By condition: a parameter that exists where it holds. */
  private readonly conditions: readonly string[];
  private readonly known = new WeakMap<Parameters, Float64Array>();

  /** @param hasLength one more column, for how far a trial is trained: here always 1, to its end */
  constructor(
    private readonly space: Space,
    private readonly hasLength = false,
  ) {
    this.axes = space.parameters.flatMap(({ name, parameter, domain }) => {
      if (!domain) return [];
      const unordered = parameter.kind === 'choice';
      return [{ name, domain, unordered, smooth: !unordered && domain.size > finelyStepped }];
    });
    const conditions = new Map<string, string>();
    for (const { name, parameter, domain } of space.parameters) {
      if (domain && parameter.when !== undefined) conditions.set(parameter.when, name);
    }
    this.conditions = [...conditions.values()];
    this.size = this.axes.length + this.conditions.length + (hasLength ? 1 : 0);
    this.unordered = Uint8Array.from({ length: this.size }, (_, k) => (this.axes[k]?.unordered ? 1 : 0));
  }

  of(parameters: Parameters): Float64Array {
    let point = this.known.get(parameters);
    if (!point) {
      const indicators = this.conditions.map((name) => (parameters[name] === undefined ? 0 : 1));
      const length = this.hasLength ? [1] : [];
      point = Float64Array.from([...this.space.encode(parameters), ...indicators, ...length]);
      this.known.set(parameters, point);
    }
    return point;
  }

  /** The configuration at a point, rounded to what its parameters can be. Constraints are not checked. */
  decode(point: Float64Array): Parameters {
    return this.space.decode([...point.subarray(0, this.axes.length)]);
  }
}
