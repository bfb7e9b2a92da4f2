import { createPruner } from '../../src/coordinator/pruning/create-pruner.js';
import { createSampler } from '../../src/coordinator/search/create-sampler.js';
import { simulate } from '../../src/coordinator/simulation/simulate.js';
import { compileSpace } from '../../src/sweep/space.js';
import { Direction, type PrunerDefinition, type SweepDefinition } from '../../src/sweep/sweep-definition.js';
import { TrialState } from '../../src/sweep/trial.js';
import { learningCurve, learningCurveSpace, maxEpochs, regret } from '../search/learning-curves.js';
import { sweepOf } from '../search/search-run.js';

/** Regrets to reach. */
export const marks = [0.05, 0.02, 0.01] as const;

/** A search of the learning-curves problem is given up after so many epochs. */
export const mostEpochs = 3_000;

/** One run of one of our combinations. */
export interface PruningTask {
  readonly sampler: string;
  /** Absent: every trial runs to its end. */
  readonly pruner?: PrunerDefinition;
  readonly seed: number;
}

/** What a pruner of this problem judges by. */
export const judged = { name: 'value', direction: Direction.Minimize } as const;

/**
 * What a thread of the benchmark does: the epochs that all trials took together until the first one that ran whole was
 * within each of the regrets; null where none was. One trial trains at a time, as at the peer.
 */
export function runPruningTask({ sampler, pruner, seed }: PruningTask): (number | null)[] {
  const space = { name: 'learning curves', space: learningCurveSpace };
  // Each of them is trained until it is judged first.
  const trials = Math.floor(mostEpochs / (pruner && 'min' in pruner ? pruner.min : 1));
  const definition: SweepDefinition = {
    ...sweepOf(space, sampler, seed, trials),
    ...(pruner ? { pruner } : {}),
  };
  const compiled = compileSpace(definition);
  const epochs: (number | null)[] = marks.map(() => null);
  simulate({
    definition,
    sampler: createSampler(definition, compiled),
    ...(pruner ? { pruner: createPruner(pruner, compiled) } : {}),
    workers: 1,
    mostReports: mostEpochs,
    trainable: ({ number, parameters }) => {
      const curve = learningCurve(parameters, seed, number);
      return {
        reports: maxEpochs,
        report: (index) => ({ step: index + 1, metrics: { value: curve[index] ?? NaN } }),
        seconds: () => 1,
      };
    },
    onEnded: ({ state, parameters }, { reports }) => {
      if (state !== TrialState.Completed) return false;
      const found = regret(parameters);
      marks.forEach((mark, i) => {
        if (found <= mark) epochs[i] ??= reports;
      });
      return epochs.every((value) => value !== null);
    },
  });
  return epochs;
}
