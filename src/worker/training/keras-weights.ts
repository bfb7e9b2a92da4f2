import { columns, constant, glorotUniform, orthogonalRows, type WeightSpec } from './weights.js';

/** Weights as Keras draws them where nothing is said: kernels by Glorot and Bengio, biases 0. */
export function kerasDense(
  name: string,
  inputs: number,
  outputs: number,
  l2Factor = 0,
): Record<string, WeightSpec> {
  return {
    [`${name}Kernel`]: { shape: [inputs, outputs], initial: glorotUniform(inputs, outputs), l2Factor },
    [`${name}Bias`]: { shape: [outputs], initial: constant(0), l2Factor: 0 },
  };
}

/** As Keras draws an LSTM: recurrent kernel orthogonal, forget bias 1. */
export function kerasLstm(name: string, inputs: number, units: number): Record<string, WeightSpec> {
  return {
    [`${name}Kernel`]: {
      shape: [inputs, 4 * units],
      initial: glorotUniform(inputs, 4 * units),
      l2Factor: 0,
    },
    [`${name}RecurrentKernel`]: { shape: [units, 4 * units], initial: orthogonalRows(units), l2Factor: 0 },
    [`${name}Bias`]: {
      shape: [4 * units],
      initial: columns([units, constant(0)], [units, constant(1)], [2 * units, constant(0)]),
      l2Factor: 0,
    },
  };
}
