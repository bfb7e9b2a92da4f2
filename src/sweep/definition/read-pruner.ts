import type { z } from 'zod';
import { didYouMean } from '../nearest.js';
import { availablePruners } from '../samplers.js';
import type { Direction, JudgedMetric, PrunerDefinition, SweepDefinition } from '../sweep-definition.js';
import type { Finding } from './problem.js';
import { prunerSchemas, type PrunerType } from './pruner-schema.js';
import { checkShape, describe } from './schema-findings.js';

type Objectives = SweepDefinition['objectives'];
type Read = { readonly pruner?: PrunerDefinition; readonly findings: readonly Finding[] };

/** The section `pruner`: its name alone, or a section with `type`. */
export function readPruner(data: unknown, objectives: Objectives, replicates: unknown): Read {
  if (data === undefined) return { findings: [] };
  const isShort = typeof data === 'string';
  const type: unknown =
    data !== null && typeof data === 'object' && 'type' in data ? data.type : isShort ? data : undefined;
  if (type === undefined) {
    const message = `must be a pruner (${availablePruners.join(', ')}) or a section with "type", not ${describe(data)}`;
    return { findings: [{ path: ['pruner'], message }] };
  }
  if (typeof type !== 'string' || !isPruner(type)) {
    const path = isShort ? ['pruner'] : ['pruner', 'type'];
    const hint = typeof type === 'string' ? didYouMean(type, availablePruners) : '';
    const bohb = type === 'bohb' ? '; bohb is hyperband with search.sampler tpe' : '';
    const message = `unknown pruner ${describe(type)}${hint}; available: ${availablePruners.join(', ')}${bohb}`;
    return { findings: [{ path, message }] };
  }
  const shape = checkShape<Given>(prunerSchemas[type] as z.ZodType<Given>, isShort ? { type } : data, [
    'pruner',
  ]);
  if ('findings' in shape) return { findings: shape.findings };
  const { metrics, findings } = judgedMetrics(shape.value, objectives);
  const pruner = definitionOf(shape.value, metrics);
  findings.push(...checkTogether(pruner, replicates));
  return findings.length > 0 ? { findings } : { pruner, findings };
}

function isPruner(name: string): name is PrunerType {
  return Object.hasOwn(prunerSchemas, name);
}

type Given = ReturnType<(typeof prunerSchemas)[PrunerType]['parse']>;

/** What is judged: the named metrics or the first objective, with directions. */
function judgedMetrics(
  given: Given,
  objectives: Objectives,
): { readonly metrics: readonly JudgedMetric[]; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const wanted: Direction | undefined = 'direction' in given ? given.direction : undefined;
  const named = typeof given.metric === 'string' ? [given.metric] : given.metric;
  const metrics = (named ?? Object.keys(objectives).slice(0, 1)).map((name, index): JudgedMetric => {
    const path = ['pruner', 'metric', ...(Array.isArray(given.metric) ? [index] : [])];
    const objective = Object.hasOwn(objectives, name) ? objectives[name] : undefined;
    if (objective === undefined && wanted === undefined && given.type !== 'threshold') {
      const hint = didYouMean(name, Object.keys(objectives));
      findings.push({ path, message: `"${name}" is no objective${hint}: it needs a direction beside it` });
    } else if (objective !== undefined && wanted !== undefined && objective !== wanted) {
      const message = `the objective "${name}" is to ${objective}, not to ${wanted}`;
      findings.push({ path: ['pruner', 'direction'], message });
    }
    return { name, direction: objective ?? wanted ?? 'minimize' };
  });
  return { metrics, findings };
}

function definitionOf(given: Given, metrics: readonly JudgedMetric[]): PrunerDefinition {
  const metric = metrics[0] ?? { name: '', direction: 'minimize' };
  switch (given.type) {
    case 'asha':
    case 'hyperband': {
      const { type, min, max, reduction, resume } = given;
      return { type, metrics, min, ...(max === undefined ? {} : { max }), reduction, resume };
    }
    case 'forecast': {
      const { type, max, reduction, min = Math.max(1, Math.round(max / 27)) } = given;
      return { type, metric, min, max, reduction };
    }
    case 'median':
    case 'percentile': {
      const { type, startup, warmup } = given;
      return { type, metric, percentile: 'percentile' in given ? given.percentile : 50, startup, warmup };
    }
    case 'threshold': {
      const { type, lower, upper, warmup } = given;
      const bounds = { ...(lower === undefined ? {} : { lower }), ...(upper === undefined ? {} : { upper }) };
      return { type, metric: metric.name, ...bounds, warmup };
    }
    case 'patience': {
      const { type, patience, delta, warmup } = given;
      return { type, metric, patience, delta, warmup };
    }
    case 'wilcoxon':
      return { type: given.type, metric, p: given.p };
  }
}

/** What single values do not tell. */
function checkTogether(pruner: PrunerDefinition, replicates: unknown): Finding[] {
  switch (pruner.type) {
    case 'asha':
    case 'hyperband':
    case 'forecast':
      if (pruner.max === undefined || pruner.max > pruner.min) return [];
      return [{ path: ['pruner', 'max'], message: `must be above min ${pruner.min}, not ${pruner.max}` }];
    case 'threshold': {
      const { lower, upper } = pruner;
      if (lower === undefined && upper === undefined)
        return [{ path: ['pruner'], message: 'needs lower or upper, or both', atKey: true }];
      if (lower === undefined || upper === undefined || lower < upper) return [];
      return [{ path: ['pruner', 'lower'], message: `must be below upper ${upper}, not ${lower}` }];
    }
    case 'wilcoxon':
      if (replicates !== undefined && replicates !== 1) return [];
      return [
        {
          path: ['pruner'],
          message: 'wilcoxon compares replicates: it needs replicates above 1',
          atKey: true,
        },
      ];
    default:
      return [];
  }
}
