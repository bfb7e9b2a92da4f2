import fc from 'fast-check';
import { denseOverTime } from '../../../src/worker/training/kernels/dense.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { numbers, randomFrom } from './cases.js';

/** A dense layer over time of several stacked models. */
export interface DenseCase {
  readonly relu: boolean;
  readonly models: number;
  /** All models read the same x. */
  readonly sharedInput: boolean;
  readonly inputGradient: boolean;
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly units: number;
  readonly seed: number;
}

export function denseCases(limits: { units: number; inputs: number; batch: number; steps: number }) {
  return fc.record<DenseCase>({
    relu: fc.boolean(),
    models: fc.integer({ min: 1, max: 3 }),
    sharedInput: fc.boolean(),
    inputGradient: fc.boolean(),
    steps: fc.integer({ min: 1, max: limits.steps }),
    batch: fc.integer({ min: 1, max: limits.batch }),
    inputs: fc.integer({ min: 1, max: limits.inputs }),
    units: fc.integer({ min: 1, max: limits.units }),
    seed: fc.nat(),
  });
}

interface DenseProblem {
  readonly x: Float64Array;
  readonly kernel: Float64Array;
  readonly bias: Float64Array;
  readonly dy: Float64Array;
}

export function denseProblem({
  models,
  sharedInput,
  steps,
  batch,
  inputs,
  units,
  seed,
}: DenseCase): DenseProblem {
  const random = randomFrom(seed);
  const rows = steps * batch;
  return {
    x: numbers((sharedInput ? 1 : models) * rows * inputs, 1.5, random),
    kernel: numbers(models * inputs * units, 1, random),
    bias: numbers(models * units, 1, random),
    dy: numbers(models * rows * units, 1, random),
  };
}

/** y, and the gradients of sum(y * dy). */
export interface DenseOutcome {
  readonly y: ArrayLike<number>;
  readonly x?: ArrayLike<number>;
  readonly kernel: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** What double precision says, element by element. */
export function expectedDense(layer: DenseCase, { x, kernel, bias, dy }: DenseProblem): DenseOutcome {
  const { relu, models, sharedInput, inputGradient, inputs, units } = layer;
  const rows = layer.steps * layer.batch;
  const y = new Float64Array(dy.length);
  const of = { x: x.map(() => 0), kernel: kernel.map(() => 0), bias: bias.map(() => 0) };
  for (let model = 0; model < models; model++)
    for (let row = 0; row < rows; row++)
      for (let unit = 0; unit < units; unit++) {
        const from = ((sharedInput ? 0 : model) * rows + row) * inputs;
        const weight = (input: number): number => (model * inputs + input) * units + unit;
        const at = (model * rows + row) * units + unit;
        let sum = bias[model * units + unit]!;
        for (let input = 0; input < inputs; input++) sum += x[from + input]! * kernel[weight(input)]!;
        y[at] = relu ? Math.max(sum, 0) : sum;
        const slope = relu && sum <= 0 ? 0 : dy[at]!;
        of.bias[model * units + unit]! += slope;
        for (let input = 0; input < inputs; input++) {
          of.kernel[weight(input)]! += slope * x[from + input]!;
          of.x[from + input]! += slope * kernel[weight(input)]!;
        }
      }
  return { y, ...(inputGradient && { x: of.x }), kernel: of.kernel, bias: of.bias };
}

/** What the kernels in use say. Leaves no tensor behind. */
export function computedDense(layer: DenseCase, problem: DenseProblem): DenseOutcome {
  const { relu, models, sharedInput, inputGradient, steps, batch, inputs, units } = layer;
  return tf.tidy(() => {
    const x = tf.tensor([...problem.x], [sharedInput ? 1 : models, steps, batch, inputs]);
    const kernel = tf.tensor([...problem.kernel], [models, inputs, units]);
    const bias = tf.tensor([...problem.bias], [models, units]);
    const dy = tf.tensor([...problem.dy], [models, steps, batch, units]);
    const run = (...[x, kernel, bias]: tf.Tensor[]): tf.Tensor =>
      denseOverTime(x as tf.Tensor4D, kernel!, bias!, relu ? 'relu' : 'linear', { inputGradient });
    const y = run(x, kernel, bias).dataSync();
    const gradients = inputGradient
      ? tf.grads((...args) => tf.sum(tf.mul(run(...args), dy)))([x, kernel, bias])
      : tf.grads((...args) => tf.sum(tf.mul(run(x, ...args), dy)))([kernel, bias]);
    const [ofKernel, ofBias] = gradients.slice(-2).map((gradient) => gradient.dataSync());
    const ofX = inputGradient ? { x: gradients[0]!.dataSync() } : {};
    return { y, ...ofX, kernel: ofKernel!, bias: ofBias! };
  });
}
