import { Cell } from '../call.js';

/** What each kind of cell computes in a step, as WGSL: the part of a shader in which cells differ. See shaders.ts. */

/** Runs `body` for every (row, unit) of this thread, with r, q, j, b, slot (its place in arrays of the thread). */
export function forEachUnit(body: string): string {
  return `
    for (var r = 0u; r < ROWS; r++) {
      let b = firstRow + r;
      for (var q = 0u; q < PER_THREAD; q++) {
        let j = localId.x + q * THREADS;
        if (b < B && j < H) {
          let slot = r * PER_THREAD + q;
          ${body}
        }
      }
    }`;
}

const at = 'let x = ((k * T + t) * B + b) * G * H + j;';

const lstmForward = `
    ${forEachUnit(`${at}
          var i = xw[x]; var f = xw[x + H]; var g = xw[x + 2u * H]; var o = xw[x + 3u * H];
          for (var n = 0u; n < H; n++) {
            let h = state[r * H + n];
            let u = (k * H + n) * G * H + j;
            i += h * recurrent[u]; f += h * recurrent[u + H];
            g += h * recurrent[u + 2u * H]; o += h * recurrent[u + 3u * H];
          }
          i = sigmoid(i); f = sigmoid(f); g = hyperbolic(g); o = sigmoid(o);
          let c = f * carried[slot] + i * g;
          carried[slot] = c;
          next[slot] = o * hyperbolic(c);
          result[plane(0u, k, t, b, j)] = i; result[plane(1u, k, t, b, j)] = f;
          result[plane(2u, k, t, b, j)] = g; result[plane(3u, k, t, b, j)] = o;
          result[plane(4u, k, t, b, j)] = c; result[plane(5u, k, t, b, j)] = next[slot];`)}
    workgroupBarrier();
    ${forEachUnit('state[r * H + j] = next[slot];')}
    workgroupBarrier();`;

const activation = (relu: boolean): string => (relu ? 'max(candidate, 0.0)' : 'hyperbolic(candidate)');
/** Derivative of the candidate's activation, by its result c. */
const slope = (relu: boolean): string => (relu ? 'select(0.0, 1.0, c > 0.0)' : '(1.0 - c * c)');

const gruBeforeForward = (relu: boolean): string => `
    ${forEachUnit(`${at}
          var z = xw[x]; var v = xw[x + H];
          for (var n = 0u; n < H; n++) {
            let h = state[r * H + n];
            let u = (k * H + n) * G * H + j;
            z += h * recurrent[u]; v += h * recurrent[u + H];
          }
          z = sigmoid(z); v = sigmoid(v);
          carried[slot] = z;
          reset[r * H + j] = v * state[r * H + j];
          result[plane(0u, k, t, b, j)] = z; result[plane(1u, k, t, b, j)] = v;`)}
    workgroupBarrier();
    ${forEachUnit(`${at}
          var candidate = xw[x + 2u * H];
          for (var n = 0u; n < H; n++) {
            candidate += reset[r * H + n] * recurrent[(k * H + n) * G * H + 2u * H + j];
          }
          let c = ${activation(relu)};
          let z = carried[slot];
          next[slot] = z * state[r * H + j] + (1.0 - z) * c;
          result[plane(2u, k, t, b, j)] = c; result[plane(3u, k, t, b, j)] = next[slot];`)}
    workgroupBarrier();
    ${forEachUnit('state[r * H + j] = next[slot];')}
    workgroupBarrier();`;

const gruAfterForward = (relu: boolean): string => `
    ${forEachUnit(`${at}
          let bias = k * G * H + j;
          var z = xw[x] + recurrentBias[bias]; var v = xw[x + H] + recurrentBias[bias + H];
          var m = recurrentBias[bias + 2u * H];
          for (var n = 0u; n < H; n++) {
            let h = state[r * H + n];
            let u = (k * H + n) * G * H + j;
            z += h * recurrent[u]; v += h * recurrent[u + H]; m += h * recurrent[u + 2u * H];
          }
          z = sigmoid(z); v = sigmoid(v);
          let candidate = xw[x + 2u * H] + v * m;
          let c = ${activation(relu)};
          next[slot] = z * state[r * H + j] + (1.0 - z) * c;
          result[plane(0u, k, t, b, j)] = z; result[plane(1u, k, t, b, j)] = v;
          result[plane(2u, k, t, b, j)] = c; result[plane(3u, k, t, b, j)] = next[slot];
          result[plane(4u, k, t, b, j)] = m;`)}
    workgroupBarrier();
    ${forEachUnit('state[r * H + j] = next[slot];')}
    workgroupBarrier();`;

/** dh of the step before: what went past the gates is in `rest`, the rest comes back through the recurrent kernel. */
const backThroughKernel = (rest: string, first: string, columns: string): string => `
    workgroupBarrier();
    ${forEachUnit(`var sum = ${rest};
          for (var n = ${first}; n < ${columns}; n++) {
            sum += gate[r * 4u * H + n] * transposed[(k * G * H + n) * H + j];
          }
          dh[slot] = sum;`)}
    workgroupBarrier();`;

const out = 'let d = ((k * T + t) * B + b) * N * H + j; let w = r * 4u * H + j;';

const lstmBackward = (dy: string): string => `
    ${forEachUnit(`${out}
          let i = states[plane(0u, k, t, b, j)]; let f = states[plane(1u, k, t, b, j)];
          let g = states[plane(2u, k, t, b, j)]; let o = states[plane(3u, k, t, b, j)];
          let squashed = hyperbolic(states[plane(4u, k, t, b, j)]);
          let total = dh[slot] + ${dy};
          let dc = carried[slot] + total * o * (1.0 - squashed * squashed);
          let di = dc * g * i * (1.0 - i);
          let df = dc * previous(4u, k, s, b, j) * f * (1.0 - f);
          let dg = dc * i * (1.0 - g * g);
          let dO = total * squashed * o * (1.0 - o);
          carried[slot] = dc * f;
          gate[w] = di; gate[w + H] = df; gate[w + 2u * H] = dg; gate[w + 3u * H] = dO;
          result[d] = di; result[d + H] = df; result[d + 2u * H] = dg; result[d + 3u * H] = dO;`)}
    ${backThroughKernel('0.0', '0u', '4u * H')}`;

const gruBeforeBackward = (dy: string, relu: boolean): string => `
    ${forEachUnit(`${out}
          let z = states[plane(0u, k, t, b, j)]; let c = states[plane(2u, k, t, b, j)];
          let total = dh[slot] + ${dy};
          let dz = total * (previous(3u, k, s, b, j) - c) * z * (1.0 - z);
          let dc = total * (1.0 - z) * ${slope(relu)};
          carried[slot] = total * z;
          gate[w] = dz; gate[w + 2u * H] = dc;
          result[d] = dz; result[d + 2u * H] = dc;`)}
    workgroupBarrier();
    ${forEachUnit(`${out}
          var dReset = 0.0;
          for (var n = 0u; n < H; n++) {
            dReset += gate[r * 4u * H + 2u * H + n] * transposed[(k * G * H + 2u * H + n) * H + j];
          }
          let v = states[plane(1u, k, t, b, j)];
          let dr = dReset * previous(3u, k, s, b, j) * v * (1.0 - v);
          carried[slot] += dReset * v;
          gate[w + H] = dr;
          result[d + H] = dr;`)}
    ${backThroughKernel('carried[slot]', '0u', '2u * H')}`;

const gruAfterBackward = (dy: string, relu: boolean): string => `
    ${forEachUnit(`${out}
          let z = states[plane(0u, k, t, b, j)]; let v = states[plane(1u, k, t, b, j)];
          let c = states[plane(2u, k, t, b, j)]; let m = states[plane(4u, k, t, b, j)];
          let total = dh[slot] + ${dy};
          let dz = total * (previous(3u, k, s, b, j) - c) * z * (1.0 - z);
          let dc = total * (1.0 - z) * ${slope(relu)};
          let dr = dc * m * v * (1.0 - v);
          let dm = dc * v;
          carried[slot] = total * z;
          gate[w] = dz; gate[w + H] = dr; gate[w + 2u * H] = dm;
          result[d] = dz; result[d + H] = dr; result[d + 2u * H] = dc; result[d + 3u * H] = dm;`)}
    ${backThroughKernel('carried[slot]', '0u', '3u * H')}`;

/** One step forward, by kind of cell. */
export const forwardSteps: Readonly<Record<Cell, (relu: boolean) => string>> = {
  [Cell.Lstm]: () => lstmForward,
  [Cell.GruResetBefore]: gruBeforeForward,
  [Cell.GruResetAfter]: gruAfterForward,
};

/** One step backward, by kind of cell. @param dy the gradient that comes from outside, as WGSL */
export const backwardSteps: Readonly<Record<Cell, (dy: string, relu: boolean) => string>> = {
  [Cell.Lstm]: lstmBackward,
  [Cell.GruResetBefore]: gruBeforeBackward,
  [Cell.GruResetAfter]: gruAfterBackward,
};
