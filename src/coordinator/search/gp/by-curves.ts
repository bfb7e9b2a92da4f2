import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import { isTerminal } from '../../../sweep/trial.js';
import type { Suggestion, TrialHistory } from '../sampler.js';
import type { TriedConfigurations } from '../tried.js';
import { believe, type Beliefs } from './acquisition.js';
import { isApart, keptApart } from './apart.js';
import type { CurveModel } from './curve-model.js';
import { modelFeasibility } from './models.js';
import type { Observation } from './observations.js';
import { propose } from './proposal.js';
import { scalesOf } from './trust-region.js';

/** Climbing costs more here than where slopes are known. */
const candidates = 150;
const climbs = 1;

/**
 * Where a pruner keeps the trials' curves: the configurations of which a short training promises most for a whole one.
 * What runs and has reported nothing yet counts with what is expected of it.
 */
export function suggestByCurves(
  space: Space,
  model: CurveModel,
  { trials, curves }: TrialHistory,
  known: readonly Observation[],
  tried: TriedConfigurations,
  count: number,
  random: Random,
): Suggestion[] {
  const { features } = model;
  const samples = known.map(({ parameters, feasible }) => ({
    x: features.of(parameters),
    count: 1,
    feasible,
  }));
  const feasibility = modelFeasibility(features, samples, scalesOf(features, 1));
  const beliefs: Beliefs = { improvement: model.forNew(), ...(feasibility && { feasibility }) };
  for (const { state, number, parameters } of trials)
    if (!isTerminal(state) && curves?.has(number) !== true) believe(beliefs, features.of(parameters));
  // Beside one that was tried a new one tells no more than a replicate does.
  const others = trials.filter(({ replicate }) => replicate === 0).map((t) => features.of(t.parameters));
  const share = Math.min(1, 4 / count);
  const effort = { candidates: Math.ceil(candidates * share), climbs: Math.ceil(climbs * share) };
  const suggestions: Suggestion[] = [];
  while (suggestions.length < count) {
    const proposals = propose(space, features, beliefs, model.region(), effort, random);
    const apart = proposals.filter((proposal) => isApart(features.of(proposal), others, keptApart));
    const parameters =
      [...apart, ...proposals].find((proposal) => tried.take(proposal)) ?? tried.takeAny(random);
    if (!parameters) break;
    suggestions.push({ parameters });
    const x = features.of(parameters);
    others.push(x);
    believe(beliefs, x);
  }
  return suggestions;
}
