/** Numbers that optimizers have beside the learning rate. */
export type ConstantName = 'momentum' | 'decay' | 'beta1' | 'beta2' | 'epsilon' | 'weightDecay';

export type Constants = Readonly<Partial<Record<ConstantName, number>>>;

const usualBetas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The optimizers, with the constants that each has and what they are where nothing is said. */
export const optimizerConstants = {
  sgd: { momentum: 0 },
  rmsprop: { decay: 0.9, epsilon: 1e-10 },
  'rmsprop-keras': { decay: 0.9, epsilon: 1e-7 },
  adam: usualBetas,
  adamw: { ...usualBetas, weightDecay: 0.01 },
} as const satisfies Record<string, Constants>;

export type OptimizerName = keyof typeof optimizerConstants;

export const optimizerNames = Object.keys(optimizerConstants) as [OptimizerName, ...OptimizerName[]];
