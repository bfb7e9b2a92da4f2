import { show } from '../domain.js';
import { didYouMean } from '../nearest.js';
import type { Parameters } from '../parameter.js';
import { createRandom } from '../random.js';
import { availableSamplers, chooseSampler } from '../samplers.js';
import { SpaceError } from '../space-parameter.js';
import { compileSpace, type Space } from '../space.js';
import type { SweepDefinition } from '../sweep-definition.js';
import { checkPbt } from './check-pbt.js';
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

/** What only the whole space can tell: is there anything in it, does the sampler fit, are the first trials in it. */
export function checkSearch(definition: SweepDefinition, samplerIsKnown: boolean): Finding[] {
  const space = compileSpace(definition);
  const empty = checkNotEmpty(space);
  if (empty) return [empty];
  return [
    ...(samplerIsKnown ? checkSampler(definition, space) : []),
    ...checkTrials(definition),
    ...definition.search.startWith.flatMap((parameters, index) =>
      checkStart(definition, space, parameters, index),
    ),
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

function checkSampler(definition: SweepDefinition, space: Space): Finding[] {
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
  if (ends || chooseSampler(definition, space).name === 'grid') return [];
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

function checkTrials({ search, replicates }: SweepDefinition): Finding[] {
  if (search.trials === undefined || search.trials >= replicates) return [];
  return [
    {
      path: ['search', 'trials'],
      message: `must be at least ${replicates}, the replicates of one configuration, not ${search.trials}`,
    },
  ];
}

function checkStart(definition: SweepDefinition, space: Space, given: Parameters, index: number): Finding[] {
  const base = ['search', 'startWith', index];
  const findings: Finding[] = [];
  for (const [name, value] of Object.entries(given)) {
    const path = [...base, name];
    const entry = space.parameters.find((candidate) => candidate.name === name);
    if (Object.hasOwn(definition.fixed, name)) {
      findings.push({ path, message: `"${name}" is fixed, so it can not be given here`, atKey: true });
    } else if (!entry) {
      const names = space.parameters.map((candidate) => candidate.name);
      findings.push({ path, message: `unknown parameter "${name}"${didYouMean(name, names)}`, atKey: true });
    } else if (!entry.domain) {
      findings.push({ path, message: `"${name}" is computed, so it can not be given here`, atKey: true });
    } else {
      const problem = entry.domain.explain(value);
      if (problem !== undefined) findings.push({ path, message: problem });
    }
  }
  if (findings.length > 0) return findings;
  return checkStartTogether(space, given, base);
}

/** The rest of the configuration is the sampler's: there must be one that fits. */
function checkStartTogether(space: Space, given: Parameters, path: (string | number)[]): Finding[] {
  const complete = space.searched.every((name) => Object.hasOwn(given, name));
  let configuration: Parameters;
  try {
    configuration = complete ? space.complete(given) : space.random(createRandom(1), given);
  } catch (error) {
    if (!(error instanceof SpaceError)) throw error;
    return [{ path, message: `no configuration with these values holds the constraints` }];
  }
  const broken = space.brokenConstraint(configuration);
  if (broken) return [{ path, message: `breaks the constraint "${broken.text}"` }];
  // Without filling in, what is switched off is known for certain; else another filling might switch it on.
  return Object.keys(given).flatMap((name) => {
    if (Object.hasOwn(configuration, name)) return [];
    const when = space.parameters.find((entry) => entry.name === name)?.when;
    const decided =
      complete ||
      [...(when?.names ?? [])].every(
        (needed) => !space.searched.includes(needed) || Object.hasOwn(given, needed),
      );
    if (!decided) return [];
    return [
      {
        path: [...path, name],
        message: `is ${show(given[name])}, but exists only when ${when?.text}`,
        atKey: true,
      },
    ];
  });
}
