/**
 * LSTM and GRU of one model in double precision, written from the formulas in recurrent.ts, element by element:
 * slow, plain, and checked itself by finite differences (double-reference.test.ts).
 */
export interface Layer {
  readonly cell: 'lstm' | 'reset-before' | 'reset-after';
  readonly relu: boolean;
  readonly returnSequences: boolean;
  /** Read from the end to the start. @default false */
  readonly reverse?: boolean;
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly units: number;
}

/** Row-major, shapes as in recurrent.ts without the axis of models. */
export interface Values {
  readonly x: Float64Array;
  readonly kernel: Float64Array;
  readonly recurrentKernel: Float64Array;
  readonly bias: Float64Array;
}

export interface Sizes {
  readonly x: number;
  readonly kernel: number;
  readonly recurrentKernel: number;
  readonly bias: number;
  readonly y: number;
}

/** How many numbers each tensor of one model has. */
export function sizesOfLayer({ cell, returnSequences, steps, batch, inputs, units }: Layer): Sizes {
  const width = (cell === 'lstm' ? 4 : 3) * units;
  return {
    x: steps * batch * inputs,
    kernel: inputs * width,
    recurrentKernel: units * width,
    bias: (cell === 'reset-after' ? 2 : 1) * width,
    y: (returnSequences ? steps : 1) * batch * units,
  };
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** One sample's state after a step, with what its gradient needs. */
interface Step {
  readonly h: Float64Array;
  readonly c: Float64Array;
  /** The gates after their activations, in the weights' order; for a GRU the last is the candidate. */
  readonly gates: Float64Array;
  /** h_(t-1) Uc + bc' of the form reset-after. */
  readonly u: Float64Array;
}

/** Computes y, and with `dy` the gradients of sum(y * dy). */
export function doubleLayer(layer: Layer, values: Values, dy?: Float64Array): { y: Float64Array } & Values {
  const sizes = sizesOfLayer(layer);
  const y = new Float64Array(sizes.y);
  const gradients = {
    x: new Float64Array(sizes.x),
    kernel: new Float64Array(sizes.kernel),
    recurrentKernel: new Float64Array(sizes.recurrentKernel),
    bias: new Float64Array(sizes.bias),
  };
  for (let sample = 0; sample < layer.batch; sample++) {
    const steps = forwardSample(layer, values, sample, y);
    if (dy) backwardSample(layer, values, sample, steps, dy, gradients);
  }
  return { y, ...gradients };
}

/** Where step t in the order of reading lies in x and in y. */
function positionOf({ reverse, steps }: Layer, t: number): number {
  return reverse ? steps - 1 - t : t;
}

function yIndex(layer: Layer, sample: number, t: number): number | undefined {
  const { returnSequences, steps, batch, units } = layer;
  if (returnSequences) return (positionOf(layer, t) * batch + sample) * units;
  return t === steps - 1 ? sample * units : undefined;
}

function forwardSample(layer: Layer, values: Values, sample: number, y: Float64Array): Step[] {
  const { cell, relu, batch, inputs, units: n } = layer;
  const gateCount = cell === 'lstm' ? 4 : 3;
  const width = gateCount * n;
  const steps: Step[] = [];
  let h = new Float64Array(n);
  let c = new Float64Array(n);
  for (let t = 0; t < layer.steps; t++) {
    const row = positionOf(layer, t) * batch + sample;
    const x = values.x.subarray(row * inputs, (row + 1) * inputs);
    const fromX = values.bias.slice(0, width);
    x.forEach((value, i) => {
      for (let j = 0; j < width; j++) fromX[j]! += value * values.kernel[i * width + j]!;
    });
    const fromState = (state: Float64Array, column: number): number => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += state[i]! * values.recurrentKernel[i * width + column]!;
      return sum;
    };
    const gates = new Float64Array(width);
    const u = new Float64Array(n);
    const nextH = new Float64Array(n);
    const nextC = new Float64Array(n);
    if (cell === 'lstm') {
      for (let j = 0; j < width; j++) {
        const argument = fromX[j]! + fromState(h, j);
        gates[j] = Math.floor(j / n) === 2 ? Math.tanh(argument) : sigmoid(argument);
      }
      for (let j = 0; j < n; j++) {
        nextC[j] = gates[n + j]! * c[j]! + gates[j]! * gates[2 * n + j]!;
        nextH[j] = gates[3 * n + j]! * Math.tanh(nextC[j]!);
      }
    } else {
      const own = (j: number): number => (cell === 'reset-after' ? values.bias[width + j]! : 0);
      for (let j = 0; j < 2 * n; j++) gates[j] = sigmoid(fromX[j]! + fromState(h, j) + own(j));
      const before = h;
      const reset = before.map((value, i) => value * gates[n + i]!);
      for (let j = 0; j < n; j++) {
        u[j] = fromState(before, 2 * n + j) + own(2 * n + j);
        const state = cell === 'reset-after' ? gates[n + j]! * u[j]! : fromState(reset, 2 * n + j);
        const argument = fromX[2 * n + j]! + state;
        const candidate = relu ? Math.max(argument, 0) : Math.tanh(argument);
        gates[2 * n + j] = candidate;
        nextH[j] = gates[j]! * before[j]! + (1 - gates[j]!) * candidate;
      }
    }
    h = nextH;
    c = nextC;
    steps.push({ h, c, gates, u });
    const at = yIndex(layer, sample, t);
    if (at !== undefined) y.set(h, at);
  }
  return steps;
}

function backwardSample(
  layer: Layer,
  values: Values,
  sample: number,
  steps: readonly Step[],
  dy: Float64Array,
  gradients: Values,
): void {
  const { cell, relu, batch, inputs, units: n } = layer;
  const width = (cell === 'lstm' ? 4 : 3) * n;
  let dh = new Float64Array(n);
  let dc = new Float64Array(n);
  for (let t = layer.steps - 1; t >= 0; t--) {
    const { gates, c, u } = steps[t]!;
    const before = steps[t - 1]?.h ?? new Float64Array(n);
    const cellBefore = steps[t - 1]?.c ?? new Float64Array(n);
    const at = yIndex(layer, sample, t);
    if (at !== undefined) dh = dh.map((value, j) => value + dy[at + j]!);
    const nextDh = new Float64Array(n);
    const nextDc = new Float64Array(n);
    /** Gradients of x_t * kernel + bias, and of the product with the state. */
    const ofInput = new Float64Array(width);
    const ofState = new Float64Array(width);
    /** What the candidate's recurrent product multiplies: h, or r * h. */
    let candidateState = before;
    for (let j = 0; j < n; j++) {
      const gate = (index: number): number => gates[index * n + j]!;
      if (cell === 'lstm') {
        const [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
        const squashed = Math.tanh(c[j]!);
        const d = dc[j]! + dh[j]! * o * (1 - squashed ** 2);
        ofInput[j] = d * g * i * (1 - i);
        ofInput[n + j] = d * cellBefore[j]! * f * (1 - f);
        ofInput[2 * n + j] = d * i * (1 - g ** 2);
        ofInput[3 * n + j] = dh[j]! * squashed * o * (1 - o);
        nextDc[j] = d * f;
      } else {
        const [z, , candidate] = [gate(0), gate(1), gate(2)];
        ofInput[j] = dh[j]! * (before[j]! - candidate) * z * (1 - z);
        ofInput[2 * n + j] = dh[j]! * (1 - z) * (relu ? Number(candidate > 0) : 1 - candidate ** 2);
        nextDh[j]! += dh[j]! * z;
      }
    }
    if (cell === 'reset-before') {
      candidateState = before.map((value, i) => value * gates[n + i]!);
      for (let i = 0; i < n; i++) {
        let ofReset = 0;
        for (let j = 0; j < n; j++)
          ofReset += ofInput[2 * n + j]! * values.recurrentKernel[i * width + 2 * n + j]!;
        const r = gates[n + i]!;
        ofInput[n + i] = ofReset * before[i]! * r * (1 - r);
        nextDh[i]! += ofReset * r;
      }
    }
    if (cell === 'reset-after')
      for (let j = 0; j < n; j++) {
        const r = gates[n + j]!;
        ofInput[n + j] = ofInput[2 * n + j]! * u[j]! * r * (1 - r);
      }
    ofState.set(ofInput);
    if (cell === 'reset-after') for (let j = 0; j < n; j++) ofState[2 * n + j]! *= gates[n + j]!;
    for (let j = 0; j < width; j++) {
      gradients.bias[j]! += ofInput[j]!;
      if (cell === 'reset-after') gradients.bias[width + j]! += ofState[j]!;
      const isCandidate = cell === 'reset-before' && j >= 2 * n;
      for (let i = 0; i < n; i++) {
        gradients.recurrentKernel[i * width + j]! +=
          (isCandidate ? candidateState : before)[i]! * ofState[j]!;
        if (!isCandidate) nextDh[i]! += ofState[j]! * values.recurrentKernel[i * width + j]!;
      }
      for (let i = 0; i < inputs; i++) {
        const x = (positionOf(layer, t) * batch + sample) * inputs + i;
        gradients.kernel[i * width + j]! += values.x[x]! * ofInput[j]!;
        gradients.x[x]! += ofInput[j]! * values.kernel[i * width + j]!;
      }
    }
    dh = nextDh;
    dc = nextDc;
  }
}
