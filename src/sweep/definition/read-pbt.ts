import type { PbtDefinition } from '../pbt.js';
import { builtinTrainable } from '../trainables.js';
import type { SweepDefinition, TrainableReference } from '../sweep-definition.js';
import type { Finding } from './problem.js';
import { pbtKeys, type sections } from './schema.js';

type Given = ReturnType<(typeof sections)['search']['parse']>;
type Read = {
  /** The section without what is pbt's alone. */
  readonly search: Omit<Given, keyof typeof pbtKeys>;
  readonly pbt?: PbtDefinition;
  readonly findings: readonly Finding[];
};

/** Intervals of a training where nothing is said. */
const usualIntervals = 10;

/** What the section `search` says of population-based training, with its defaults. */
export function readPbt(
  given: Given,
  trainable: TrainableReference | undefined,
  fixed: SweepDefinition['fixed'],
): Read {
  const { population, steps: asked, interval: wanted, quantile, perturb, resample, keep, ...search } = given;
  if (search.sampler !== 'pbt') {
    const alone = Object.keys(pbtKeys).filter((key) => given[key as keyof Given] !== undefined);
    const message = 'is of use with the sampler pbt alone';
    return { search, findings: alone.map((key) => ({ path: ['search', key], message, atKey: true })) };
  }
  const steps = asked ?? knownSteps(trainable, fixed);
  if (steps === undefined) {
    const message = 'is missing: the sampler pbt must know the last step that a whole training reports';
    return { search, findings: [{ path: ['search', 'steps'], message }] };
  }
  const tenth = steps / usualIntervals;
  const interval = wanted ?? (Number.isInteger(steps) ? Math.ceil(tenth) : tenth);
  if (interval >= steps) {
    const message = `must be below the ${steps} steps of a whole training, not ${interval}`;
    return { search, findings: [{ path: ['search', wanted === undefined ? 'steps' : 'interval'], message }] };
  }
  return {
    search,
    pbt: {
      population: population ?? 10,
      steps,
      interval,
      quantile: quantile ?? 0.25,
      perturb: perturb ?? [0.8, 1.25],
      resample: resample ?? 0.25,
      keep: keep ?? [],
    },
    findings: [],
  };
}

/** The steps that the trainable is told to take, as far as the file says it. */
function knownSteps(
  trainable: TrainableReference | undefined,
  fixed: SweepDefinition['fixed'],
): number | undefined {
  const steps = trainable && builtinTrainable(trainable)?.steps(fixed);
  return steps !== undefined && steps > 0 ? steps : undefined;
}
