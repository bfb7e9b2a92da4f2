import { didYouMean } from '../nearest.js';
import { createRandom } from '../random.js';
import { availableSamplers, chooseSampler } from '../samplers.js';
import { SpaceError } from '../space-parameter.js';
import { compileSpace, type Space } from '../space.js';
import type { SweepDefinition } from '../sweep-definition.js';
import { checkPbt } from './check-pbt.js';
import { checkStartWith } from './check-start-with.js';
import type { Finding } from './problem.js';

/** What can be told of the sampler's name alone. */
export function checkSamplerName(sampler: string): Finding[] {
  const available: readonly string[] = ['auto', ...availableSamplers];
  if (available.includes(sampler)) return [];
  const message = `unknown sampler "${sampler}"${didYouMean(sampler, available)}; available: ${available.join(', ')}`;
  return [{ path: ['search', 'sampler'], message }];
}

/** Budget entries that need each other. */
export function checkBudget(budget: SweepDefinition['budget']): Finding[] {
  const findings: Finding[] = [];
  if (budget.cost !== undefined && budget.pricePerGpuHour === undefined) {
    findings.push({ path: ['budget', 'cost'], message: 'needs pricePerGpuHour beside it' });
  }
  if (budget.pricePerGpuHour !== undefined && budget.cost === undefined) {
    findings.push({ path: ['budget', 'pricePerGpuHour'], message: 'is of no use without cost', atKey: true });
  }
  return findings;
}

/**
 * What only the whole space can tell: is there anything in it, does the sampler fit, are the first trials in it.
 * @param sound whether the sampler, and the budgets that may end the search, have no mistakes of their own
 */
export function checkSearch(
  definition: SweepDefinition,
  sound: { readonly sampler: boolean; readonly end: boolean },
): Finding[] {
  const space = compileSpace(definition);
  const empty = checkNotEmpty(space);
  if (empty) return [empty];
  return [
    ...(sound.sampler ? checkSampler(definition, space, sound.end) : []),
    ...checkStopWhenDone(definition),
    ...checkTrials(definition),
    ...checkStartWith(definition, space),
  ];
}

function checkNotEmpty(space: Space): Finding | undefined {
  if (space.searched.length === 0) {
    return { path: ['space'], message: 'has nothing to search: every parameter is computed', atKey: true };
  }
  const path = space.constraints.length === 1 ? ['constraints', 0] : ['constraints'];
  const atKey = path.length === 1;
  try {
    if (space.continuous.length > 0) space.random(createRandom(1));
    else if (!space.nextGridPoint(0n)) {
      return { path, message: 'no configuration of the space holds the constraints', atKey };
    }
    return undefined;
  } catch (error) {
    if (error instanceof SpaceError) return { path, message: error.message, atKey };
    throw error;
  }
}

function checkSampler(definition: SweepDefinition, space: Space, endIsSound: boolean): Finding[] {
  const { search, budget } = definition;
  if (search.sampler === 'pbt') return checkPbt(definition, space);
  if (search.sampler === 'grid') {
    return space.continuous.map((name) => ({
      path: ['space', name],
      message: 'needs a step: the sampler grid tries every value',
    }));
  }
  const unfit = search.sampler === 'cmaes' ? checkCmaes(definition, space) : [];
  if (unfit.length > 0) return unfit;
  const ends = [search.trials, budget.time, budget.gpuHours, budget.cost].some(
    (value) => value !== undefined,
  );
  if (ends || !endIsSound || chooseSampler(definition, space).name === 'grid') return [];
  return [
    {
      path: ['search', 'trials'],
      message: 'is missing: this search ends by search.trials or by a budget (time, gpuHours, cost)',
    },
  ];
}

/** CMA-ES moves a distribution of numbers: it can't choose among what has no order, nor weigh objectives. */
function checkCmaes({ objectives }: SweepDefinition, space: Space): Finding[] {
  const [first, second] = Object.keys(objectives);
  const findings: Finding[] = space.parameters.flatMap(({ name, parameter, domain, when }) => {
    if (!domain || (parameter.kind !== 'choice' && !when)) return [];
    const what = parameter.kind === 'choice' ? 'is a choice' : 'exists only under a condition';
    return [
      {
        path: ['space', name],
        message: `${what}, and the sampler cmaes takes parameters with an order alone that always exist; try gp or tpe`,
      },
    ];
  });
  if (second !== undefined) {
    const path = ['objectives', second];
    findings.push({
      path,
      message: `is a second objective beside ${first}, and the sampler cmaes takes one; try gp, tpe or nsga2`,
    });
  }
  return findings;
}

/** With several objectives there is no one gain that could be likely; `checkPbt` says it for pbt. */
function checkStopWhenDone({ search, objectives }: SweepDefinition): Finding[] {
  const names = Object.keys(objectives);
  if (!search.stopWhenDone || search.sampler === 'pbt' || names.length < 2) return [];
  const message = `is of no use with ${names.length} objectives (${names.join(', ')}); it knows the gain of one`;
  return [{ path: ['search', 'stopWhenDone'], message, atKey: true }];
}

function checkTrials({ search, replicates }: SweepDefinition): Finding[] {
  if (search.trials === undefined || search.trials >= replicates) return [];
  return [
    {
      path: ['search', 'trials'],
      message: `must be at least ${replicates}, the replicates of one configuration, not ${search.trials}`,
    },
  ];
}
