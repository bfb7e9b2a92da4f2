/** What each architecture takes when nothing is said, as its author published it, and which parameters are its own. */
export const architectures = {
  'gru-two-stage': {
    defaults: {
      nhidden: 16,
      lr: 0.0025,
      batchSize: 800,
      optimizer: 'rmsprop',
      passes: 200,
      l2: 0,
      dropout: 0,
    },
    shuffle: true,
    partialBatch: false,
    penalty: true,
    layers: 1,
    own: ['mergedLabels'],
  },
  'lstm-stacked': {
    defaults: {
      nhidden: 32,
      lr: 0.0025,
      batchSize: 1500,
      optimizer: 'adam',
      passes: 300,
      l2: 0.0015,
      dropout: 0,
    },
    shuffle: false,
    partialBatch: false,
    penalty: true,
    layers: 2,
    own: ['layers', 'inputActivation', 'outputMean', 'dropout', 'bidirectional', 'residual'],
  },
  'conv-lstm': {
    defaults: {
      nhidden: 128,
      lr: 0.00055,
      batchSize: 512,
      optimizer: 'adam',
      passes: 150,
      l2: 0.001,
      dropout: 0.4,
    },
    shuffle: true,
    partialBatch: true,
    penalty: true,
    layers: 2,
    own: ['layers', 'dropout', 'dropout2', 'filters', 'kernelSize', 'denseUnits'],
  },
  'lstm-dropout': {
    defaults: {
      nhidden: 64,
      lr: 0.001,
      batchSize: 16,
      optimizer: 'rmsprop-keras',
      passes: 30,
      l2: 0,
      dropout: 0.25,
    },
    shuffle: true,
    partialBatch: true,
    penalty: false,
    layers: 1,
    own: ['layers', 'nhidden2', 'dropout', 'dropout2'],
  },
} as const;

export type ArchitectureName = keyof typeof architectures;

export const architectureNames = Object.keys(architectures) as [ArchitectureName, ...ArchitectureName[]];

/** The architectures that have a parameter of their own. */
export function architecturesWith(parameter: string): ArchitectureName[] {
  return architectureNames.filter((name) =>
    (architectures[name].own as readonly string[]).includes(parameter),
  );
}

/** Whether it has weights that `l2` pulls at. */
export function hasPenalty(name: ArchitectureName): boolean {
  return architectures[name].penalty;
}

/** Parameters that some architecture has and another has not. */
export const architectureParameters: readonly string[] = [
  ...new Set(architectureNames.flatMap((name): readonly string[] => architectures[name].own)),
];
