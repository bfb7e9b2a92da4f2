import { Cell, type RecurrentAttributes } from '../call.js';
import type { RecurrentSizes } from '../shapes.js';
import { backwardSteps, forEachUnit, forwardSteps } from './cell-steps.js';
import type { Shader } from './program.js';

/**
 * The steps of a recurrent layer as WGSL. A workgroup takes a few samples of one model through the whole sequence; its
 * threads are the units. Products with the input, and sums over samples (gradients of weights), are left to
 * TensorFlow.js' matMul before and after; what must go step by step is here.
 *
 * States, one plane [K, T, B, H] each: LSTM i, f, g, o, c, h; GRU z, r, c, h and, for reset-after, the candidate's
 * recurrent product m = h' Uc + bc'.
 */
export const planes = { [Cell.Lstm]: 6, [Cell.GruResetBefore]: 4, [Cell.GruResetAfter]: 5 } as const;

/** Gates as the backward pass gives them, in columns: LSTM i, f, g, o; GRU z, r, c and, for reset-after, m. */
export const gateGradients = { [Cell.Lstm]: 4, [Cell.GruResetBefore]: 3, [Cell.GruResetAfter]: 4 } as const;

/** What a workgroup may have. */
export interface Limits {
  readonly threads: number;
  readonly bytes: number;
}

/** How the work is cut: each thread has `unitsPerThread` units of each of `rows` samples. */
function tilingOf({ units, batch, models }: RecurrentSizes, floatsPerUnit: number, limits: Limits) {
  const threads = Math.min(units, limits.threads);
  const fits = (rows: number): boolean => rows * units * floatsPerUnit * 4 <= limits.bytes;
  const rows = [4, 2].find((count) => fits(count) && batch >= 4 * count) ?? 1;
  if (!fits(rows))
    throw new Error(
      `a recurrent layer of ${units} units needs ${units * floatsPerUnit * 4} bytes of workgroup memory on webgpu; ` +
        `this device has ${limits.bytes}`,
    );
  const blocks = Math.ceil(batch / rows);
  return { threads, rows, blocks, unitsPerThread: Math.ceil(units / threads), workgroups: models * blocks };
}

function header(
  sizes: RecurrentSizes,
  { reverse }: RecurrentAttributes,
  tiling: ReturnType<typeof tilingOf>,
  backward: boolean,
): string {
  const { steps, batch, units, models } = sizes;
  // The backward pass meets the steps in the opposite order.
  const order = (reverse ?? false) !== backward ? `${steps - 1}u - s` : 's';
  return `
const T = ${steps}u; const B = ${batch}u; const H = ${units}u; const K = ${models}u;
const ROWS = ${tiling.rows}u; const BLOCKS = ${tiling.blocks}u;
const THREADS = ${tiling.threads}u; const PER_THREAD = ${tiling.unitsPerThread}u;
fn step(s : u32) -> u32 { return ${order}; }
fn plane(p : u32, k : u32, t : u32, b : u32, j : u32) -> u32 {
  return (((p * K + k) * T + t) * B + b) * H + j;
}
fn sigmoid(v : f32) -> f32 { return 1.0 / (1.0 + exp(-v)); }
// The built-in tanh is infinity over infinity for large arguments on some drivers.
fn hyperbolic(v : f32) -> f32 { return 1.0 - 2.0 / (exp(2.0 * clamp(v, -20.0, 20.0)) + 1.0); }`;
}

function entry(shared: string, perThread: string, beforeSteps: string, step: string): string {
  return `
${shared}
fn main(index : i32) {
  // A workgroup too many has no rows; it may not return early, for barriers must be met by all.
  let group = workgroupNumber();
  let k = group / BLOCKS;
  // The uniforms are in the bind group, so the shader must mention them.
  let firstRow = select(B, (group % BLOCKS) * ROWS, k < K && uniforms.outShape.x > 0);
  ${perThread}
  ${beforeSteps}
  for (var s = 0u; s < T; s++) {
    let t = step(s);
    ${step}
  }
}`;
}

const gates = { [Cell.Lstm]: 4, [Cell.GruResetBefore]: 3, [Cell.GruResetAfter]: 3 } as const;

/**
 * All steps forward.
 * Inputs: `xw` [K, T, B, G H], the product with the input, bias added; `recurrent` [K, H, G H]; for GRU reset-after
 * `recurrentBias` [K, 3H]. Output: the states, [P K, T, B, H].
 */
export function forwardShader(
  sizes: RecurrentSizes,
  attributes: RecurrentAttributes,
  limits: Limits,
): Shader {
  const { cell } = attributes;
  const { models, steps, batch, units } = sizes;
  const isBefore = cell === Cell.GruResetBefore;
  const tiling = tilingOf(sizes, isBefore ? 2 : 1, limits);
  const perThread = tiling.rows * tiling.unitsPerThread;
  const shared = `var<workgroup> state : array<f32, ${tiling.rows * units}>;${
    isBefore ? `\nvar<workgroup> reset : array<f32, ${tiling.rows * units}>;` : ''
  }`;
  const clear = `${forEachUnit('state[r * H + j] = 0.0;')}\n  workgroupBarrier();`;
  const width = `const G = ${gates[cell]}u;`;
  const arrays = `var carried : array<f32, ${perThread}>; var next : array<f32, ${perThread}>;`;
  const code = [
    header(sizes, attributes, tiling, false),
    width,
    entry(shared, arrays, clear, forwardSteps[cell](attributes.relu)),
  ].join('\n');
  return {
    key: keyOf('forward', sizes, attributes, tiling),
    code,
    inputs: cell === Cell.GruResetAfter ? ['xw', 'recurrent', 'recurrentBias'] : ['xw', 'recurrent'],
    outputShape: [planes[cell] * models, steps, batch, units],
    workgroups: tiling.workgroups,
    threads: tiling.threads,
  };
}

/**
 * All steps backward.
 * Inputs: `dy` [K, T, B, H], or [K, B, H] of the last step; the `states`; `transposed` [K, G H, H], the recurrent kernel.
 * Output: the gradients of the gates before their activation, [K, T, B, N H].
 */
export function backwardShader(
  sizes: RecurrentSizes,
  attributes: RecurrentAttributes,
  limits: Limits,
): Shader {
  const { cell } = attributes;
  const { models, steps, batch, units } = sizes;
  const count = gateGradients[cell];
  const tiling = tilingOf(sizes, 4, limits);
  const perThread = tiling.rows * tiling.unitsPerThread;
  const shared = `var<workgroup> gate : array<f32, ${tiling.rows * units * 4}>;`;
  const dy = attributes.returnSequences
    ? 'dy[plane(0u, k, t, b, j)]'
    : 'select(0.0, dy[(k * B + b) * H + j], s == 0u)';
  const arrays = `var dh : array<f32, ${perThread}>; var carried : array<f32, ${perThread}>;`;
  const code = [
    header(sizes, attributes, tiling, true),
    `const G = ${gates[cell]}u; const N = ${count}u;`,
    // The state before step s of the backward pass: of the step that follows in it.
    `fn previous(p : u32, k : u32, s : u32, b : u32, j : u32) -> f32 {
  if (s + 1u == T) { return 0.0; }
  return states[plane(p, k, step(s + 1u), b, j)];
}`,
    entry(shared, arrays, '', backwardSteps[cell](dy, attributes.relu)),
  ].join('\n');
  return {
    key: keyOf('backward', sizes, attributes, tiling),
    code,
    inputs: ['dy', 'states', 'transposed'],
    outputShape: [models, steps, batch, count * units],
    workgroups: tiling.workgroups,
    threads: tiling.threads,
  };
}

function keyOf(
  direction: string,
  { models, steps, batch, units }: RecurrentSizes,
  { cell, relu, returnSequences, reverse }: RecurrentAttributes,
  { rows, threads }: ReturnType<typeof tilingOf>,
): string {
  const flags = [relu, returnSequences, reverse ?? false].map(Number).join('');
  return `sweepyard_${direction}_${cell}_${flags}_${models}_${steps}_${batch}_${units}_${rows}_${threads}`;
}
