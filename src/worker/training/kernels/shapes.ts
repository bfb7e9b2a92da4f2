import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '../tfjs.js';

/** The sizes of one call: what every implementation needs to know. */
export interface RecurrentSizes {
  /** K, the models that are stacked. */
  readonly models: number;
  /** 1 if all models read the same x, else K. */
  readonly inputModels: number;
  /** T. */
  readonly steps: number;
  /** B. */
  readonly batch: number;
  /** I. */
  readonly inputs: number;
  /** H. */
  readonly units: number;
}

/** The tensors of one call. Shapes: see `lstm` and `gru`. */
export interface RecurrentTensors {
  readonly x: Tensor4D;
  readonly kernel: Tensor3D;
  readonly recurrentKernel: Tensor3D;
  readonly bias: Tensor2D | Tensor3D;
}

/** The sizes of a call whose tensors have been checked. */
export function sizesFrom(
  x: { readonly shape: number[] },
  recurrentKernel: { readonly shape: number[] },
): RecurrentSizes {
  const [inputModels, steps, batch, inputs] = x.shape as [number, number, number, number];
  const [models, units] = recurrentKernel.shape as [number, number, number];
  return { models, inputModels, steps, batch, inputs, units };
}

/**
 * Checks the tensors of a call against each other.
 * @param gates how many products of width H there are: 4 for an LSTM, 3 for a GRU
 * @param biasRows 1, or 2 where the recurrent product has a bias of its own
 * @throws Error that names the tensor, the shape it must have and the shape it has
 */
export function sizesOf(
  operation: string,
  { x, kernel, recurrentKernel, bias }: RecurrentTensors,
  gates: number,
  biasRows: 1 | 2,
): RecurrentSizes {
  if (x.shape.length !== 4)
    throw new Error(`${operation}: x must be [K, T, B, I]; it is ${describeShape(x.shape)}`);
  const sizes = sizesFrom(x, recurrentKernel);
  const { models, inputModels, inputs, units } = sizes;
  for (const [name, size] of Object.entries(sizes))
    if (size < 1) throw new Error(`${operation}: ${name} must be at least 1; it is ${size}`);
  if (inputModels !== 1 && inputModels !== models)
    throw new Error(
      `${operation}: x must hold 1 model or as many as recurrentKernel (${models}); it holds ${inputModels}`,
    );
  const width = gates * units;
  expectShape(operation, 'kernel', kernel, [models, inputs, width]);
  expectShape(operation, 'recurrentKernel', recurrentKernel, [models, units, width]);
  expectShape(operation, 'bias', bias, biasRows === 1 ? [models, width] : [models, 2, width]);
  for (const [name, tensor] of Object.entries({ x, kernel, recurrentKernel, bias }))
    if (tensor.dtype !== 'float32')
      throw new Error(`${operation}: ${name} must be float32; it is ${tensor.dtype}`);
  return sizes;
}

function expectShape(operation: string, name: string, tensor: Tensor, expected: readonly number[]): void {
  const { shape } = tensor;
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis]))
    throw new Error(
      `${operation}: ${name} must be ${describeShape(expected)}; it is ${describeShape(shape)}`,
    );
}

export function describeShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
