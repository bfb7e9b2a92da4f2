import type { Trial } from '../../../src/sweep/trial.js';

/** A completed trial, and what a test is about. */
export function trial(changes: Partial<Trial> = {}): Trial {
  const number = changes.number ?? 0;
  return {
    sweepId: 'sweep000',
    number,
    configuration: number,
    replicate: 0,
    seed: 1,
    parameters: {},
    state: 'completed',
    attempts: 1,
    metrics: {},
    createdAt: 0,
    ...changes,
  };
}
