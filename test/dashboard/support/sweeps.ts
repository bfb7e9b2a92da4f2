import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';

/** A definition as `readDefinition` would make it: the defaults, and what a test is about. */
export function definition(changes: Partial<SweepDefinition> = {}): SweepDefinition {
  return {
    name: 'bowl',
    trainable: { kind: 'builtin', name: 'har' },
    fixed: {},
    space: {
      nhidden: { kind: 'int', low: 1, high: 25, step: 1, log: false },
      lr: { kind: 'float', low: 5e-4, high: 5e-3, log: true },
      optimizer: { kind: 'choice', values: ['rmsprop', 'adam'] },
    },
    constraints: [],
    objectives: { accuracy: 'maximize', memory: 'minimize', time: 'minimize' },
    limits: [],
    search: { sampler: 'random', trials: 100, seed: 1, startWith: [] },
    replicates: 1,
    budget: {},
    trial: { retries: 2 },
    workers: { pool: 'default', pack: 1 },
    ...changes,
  };
}
