import { dot } from './cholesky.js';

/** A function of several variables with its gradient at a point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Pairs of steps that the curvature is learned from. */
const memory = 8;
/** A step must gain this part of what the slope promises (Armijo). */
const sufficient = 1e-4;
const longestBacktrack = 12;

/**
 * A local minimum in a box: L-BFGS (Liu and Nocedal, 1989) on the variables that no bound holds, each step projected
 * into the box and halved until it gains enough. Values may be infinite but for the first. `iterations` is the most
 * steps taken.
 */
export function minimise(
  f: (x: Float64Array) => Evaluation,
  start: Float64Array,
  bounds: Bounds,
  iterations: number,
): { readonly x: Float64Array; readonly value: number } {
  let x = clamp(start, bounds);
  let { value, gradient } = f(x);
  const pairs: Pair[] = [];
  for (let i = 0; i < iterations && Number.isFinite(value); i++) {
    const free = freeGradient(x, gradient, bounds);
    if (dot(free, free) < 1e-16) break;
    let direction = towards(free, pairs);
    for (let k = 0; k < x.length; k++) if (free[k] === 0) direction[k] = 0;
    if (dot(direction, free) >= 0) {
      pairs.length = 0;
      direction = towards(free, pairs);
    }
    const next = step(f, { x, value, gradient: free }, direction, bounds);
    if (!next) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    remember(pairs, x, gradient, next);
    const gain = value - next.value;
    ({ x, value, gradient } = next);
    if (gain <= 1e-9 * (1 + Math.abs(value))) break;
  }
  return { x, value };
}

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

interface Point extends Evaluation {
  readonly x: Float64Array;
}

function step(
  f: (x: Float64Array) => Evaluation,
  from: Point,
  direction: Float64Array,
  bounds: Bounds,
): Point | undefined {
  let length = 1;
  for (let attempt = 0; attempt < longestBacktrack; attempt++, length /= 2) {
    const x = clamp(
      from.x.map((value, k) => value + length * (direction[k] as number)),
      bounds,
    );
    const promised = dot(
      x.map((value, k) => value - (from.x[k] as number)),
      from.gradient,
    );
    if (promised >= 0) continue;
    const evaluation = f(x);
    if (evaluation.value <= from.value + sufficient * promised) return { x, ...evaluation };
  }
  return undefined;
}

/** The two-loop recursion; without pairs, steepest descent by a step of at most 0.5. */
function towards(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const last = pairs.at(-1);
  if (!last) {
    const scale = Math.min(1, 0.5 / Math.sqrt(dot(gradient, gradient)));
    return direction.map((value) => value * scale);
  }
  const factors: number[] = [];
  for (const { s, y, rho } of [...pairs].reverse()) {
    const factor = rho * dot(s, direction);
    factors.push(factor);
    add(direction, y, -factor);
  }
  const scale = 1 / (last.rho * dot(last.y, last.y));
  for (let k = 0; k < direction.length; k++) direction[k] = (direction[k] as number) * scale;
  for (const { s, y, rho } of pairs) add(direction, s, (factors.pop() ?? 0) - rho * dot(y, direction));
  return direction;
}

function remember(pairs: Pair[], x: Float64Array, gradient: Float64Array, next: Point): void {
  const s = next.x.map((value, k) => value - (x[k] as number));
  const y = next.gradient.map((value, k) => value - (gradient[k] as number));
  const curvature = dot(s, y);
  if (!(curvature > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  pairs.push({ s, y, rho: 1 / curvature });
  if (pairs.length > memory) pairs.shift();
}

/** The gradient without what would lead out of the box. */
function freeGradient(x: Float64Array, gradient: Float64Array, { low, high }: Bounds): Float64Array {
  return gradient.map((slope, k) => {
    const value = x[k] as number;
    const held = slope > 0 ? value <= (low[k] as number) : value >= (high[k] as number);
    return held ? 0 : slope;
  });
}

function clamp(x: Float64Array, { low, high }: Bounds): Float64Array {
  return x.map((value, k) => Math.min(high[k] as number, Math.max(low[k] as number, value)));
}

function add(target: Float64Array, source: Float64Array, factor: number): void {
  for (let k = 0; k < target.length; k++) target[k] = (target[k] as number) + factor * (source[k] as number);
}
