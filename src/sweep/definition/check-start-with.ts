import { show } from '../domain.js';
import { didYouMean } from '../nearest.js';
import type { Parameters } from '../parameter.js';
import { createRandom } from '../random.js';
import { SpaceError } from '../space-parameter.js';
import type { Space } from '../space.js';
import type { SweepDefinition } from '../sweep-definition.js';
import type { Finding } from './problem.js';

/** Whether the first configurations are in the space, differ, and are no more than there are trials. */
export function checkStartWith(definition: SweepDefinition, space: Space): Finding[] {
  const { startWith, sampler } = definition.search;
  const findings = startWith.flatMap((parameters, index) => checkStart(definition, space, parameters, index));
  // Members of a population may begin alike; `checkPbt` says how many there can be.
  if (findings.length > 0 || sampler === 'pbt') return findings;
  return [...checkDifferent(startWith, space), ...checkRoom(definition)];
}

/** What leaves something to the sampler may be there twice: it is filled in differently. */
function checkDifferent(startWith: readonly Parameters[], space: Space): Finding[] {
  const seen = new Map<string, number>();
  return startWith.flatMap((given, index) => {
    const configuration = space.complete(given);
    if (!space.contains(configuration)) return [];
    const key = space.key(configuration);
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, index);
      return [];
    }
    const message = `is the same configuration as startWith[${before}]; one of them is enough`;
    return [{ path: ['search', 'startWith', index], message }];
  });
}

function checkRoom({ search, replicates }: SweepDefinition): Finding[] {
  const { startWith, trials = Infinity } = search;
  const most = Math.ceil(trials / replicates);
  if (startWith.length <= most) return [];
  const each = replicates === 1 ? '' : `, ${replicates} of each configuration`;
  const message = `has ${startWith.length} configurations, but must have at most ${most}: search.trials is ${trials}${each}`;
  return [{ path: ['search', 'startWith'], message, atKey: true }];
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
