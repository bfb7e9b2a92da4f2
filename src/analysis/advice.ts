import { binomialDistribution, median } from 'simple-statistics';
import { show } from '../sweep/domain.js';
import type { ParameterValue } from '../sweep/parameter.js';
import { compileSpace, type Space } from '../sweep/space.js';
import { Direction, type SweepDefinition } from '../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../sweep/trial.js';
import { formatNumber } from '../sweep/units.js';
import { importanceOf, type Importance } from './importance.js';
import { prunerAdvice } from './pruner-advice.js';
import {
  isFeasible,
  leadersText,
  percentText,
  primaryObjective,
  rankSweep,
  type Ranking,
} from './ranking.js';
import { samplerAdvice } from './sampler-advice.js';
import { fewestConfigurations, Surrogate } from './surrogate.js';

export const AdviceKind = {
  /** The best values of a parameter lie at an end of its range. */
  Bound: 'bound',
  /** A parameter does not matter. */
  Unimportant: 'unimportant',
  /** What the sampler learnt did not help. */
  NoBetterThanRandom: 'no-better-than-random',
  /** The first places can't be told apart, or the noise is unknown. */
  Seeds: 'seeds',
  /** A limit keeps the best away. */
  Limit: 'limit',
  /** Many trials fail, and where. */
  Failures: 'failures',
  /** Trials are long, and all of them ran whole. */
  Pruner: 'pruner',
  /** Nothing can be said of what matters. */
  TooLittle: 'too-little',
} as const;
export type AdviceKind = (typeof AdviceKind)[keyof typeof AdviceKind];

/** What a sweep's results say about how to go on, in a sentence. */
export interface Advice {
  readonly kind: AdviceKind;
  readonly text: string;
  readonly parameter?: string;
}

/** Below this part of the variance that the model predicts, it is no ground for advice on parameters. */
const trustedModel = 0.3;
const unimportantShare = 0.02;
const importantShare = 0.1;
/** The outermost part of a range. */
const edge = 0.1;
/** Chance beyond which it is not said that the best configurations crowd there. */
const crowdingChance = 0.01;

/** What to do next, most useful first. Pure; empty where nothing stands out. */
export function adviceOn(definition: SweepDefinition, trials: readonly Trial[]): Advice[] {
  const metric = primaryObjective(definition);
  const ranking = rankSweep(definition, trials);
  const space = compileSpace(definition);
  const surrogate = Surrogate.of(definition, trials, metric);
  // Members of a population can't have replicates, and their parameters change on the way.
  const { pbt } = definition.search;
  return [
    ...(pbt ? [] : onSeeds(ranking)),
    ...(surrogate
      ? onParameters(space, ranking, surrogate, importanceOf(surrogate, metric))
      : onTooLittle(ranking)),
    ...onLimits(definition, ranking),
    ...(pbt ? [] : onSampler(definition, space, trials, ranking)),
    ...onPruner(definition, space, trials),
    ...onFailures(trials),
  ];
}

function onSeeds(ranking: Ranking): Advice[] {
  const text = leadersText(ranking);
  if (text === undefined || ranking.leaders?.configurations.length === 1) return [];
  const first = ranking.rows[0]?.prospect;
  if (first && first.noise === 0) return [];
  return [{ kind: AdviceKind.Seeds, text }];
}

function onTooLittle({ rows, by }: Ranking): Advice[] {
  const text =
    rows.length >= fewestConfigurations
      ? `All ${rows.length} configurations have the same ${by}: nothing says which parameters matter.`
      : `${rows.length} ${rows.length === 1 ? 'configuration has' : 'configurations have'} a result, too few to say which parameters matter.`;
  return [{ kind: AdviceKind.TooLittle, text }];
}

function onParameters(
  space: Space,
  ranking: Ranking,
  surrogate: Surrogate,
  importance: Importance,
): Advice[] {
  const { metric, explained, parameters, configurations } = importance;
  if (explained < trustedModel) {
    const text = `A model over ${configurations} configurations predicts ${percentText(explained)} of how ${metric} varies: too little to say which parameters matter.`;
    return [{ kind: AdviceKind.TooLittle, text }];
  }
  return [
    ...parameters.flatMap(({ name, share }) =>
      share >= importantShare ? onBound(space, ranking, surrogate, name) : [],
    ),
    ...parameters.flatMap(({ name, share }): Advice[] => {
      const paired = importance.interactions.some(
        (pair) => pair.names.includes(name) && pair.share > unimportantShare,
      );
      if (share >= unimportantShare || paired || parameters.length < 2) return [];
      const text = `${name} hardly matters: it explains ${percentText(share)} of how ${metric} varies. Fix it, and search the others.`;
      return [{ kind: AdviceKind.Unimportant, text, parameter: name }];
    }),
  ];
}

/** Whether the best configurations crowd at an end of a parameter's range, or lie near it and the model still rises. */
function onBound(space: Space, { rows }: Ranking, surrogate: Surrogate, name: string): Advice[] {
  const entry = space.parameters.find((parameter) => parameter.name === name);
  const { domain, parameter } = entry ?? {};
  if (!domain || !parameter || parameter.kind === 'choice' || parameter.kind === 'derived' || domain.size < 4)
    return [];
  const best = rows.filter((row) => isFeasible(row) && row.parameters[name] !== undefined);
  const count = Math.max(3, Math.ceil(best.length / 10));
  if (best.length < 2 * count) return [];
  const values = best.slice(0, count).map((row) => row.parameters[name] ?? 0);
  // A coarse range has its last value alone for an edge.
  const width = Math.max(edge, 1 / domain.size);
  for (const end of ['lower', 'upper'] as const) {
    const bound = domain.fromUnit(end === 'lower' ? 0 : 1 - 1e-12);
    const awayFrom = (value: ParameterValue): number =>
      end === 'lower' ? domain.toUnit(value) : 1 - domain.toUnit(value);
    // The bound itself may be far inside on the scale: of whole numbers on a logarithmic one the first is a quarter of it.
    const places = values.map((value) => (value === bound ? 0 : awayFrom(value)));
    const there = places.filter((place) => place <= width).length;
    const crowds = atLeast(there, count, Math.max(width, 2 * awayFrom(bound))) <= crowdingChance;
    if (median(places) > 2.5 * width || !(crowds || risesTo(end, surrogate, name))) continue;
    const shown = show(typeof bound === 'number' ? Number(formatNumber(bound)) : bound);
    const text =
      there === 0
        ? `The best configurations lie near the ${end} bound of ${name} (${shown}), and the nearer the better: widen its range there.`
        : `The best configurations lie at the ${end} bound of ${name} (${shown}; ${there} of the best ${count}): widen its range there.`;
    return [{ kind: AdviceKind.Bound, text, parameter: name }];
  }
  return [];
}

/** Whether what the model expects is best at this end, and clearly better than a third of the range away from it. */
function risesTo(end: 'lower' | 'upper', surrogate: Surrogate, name: string): boolean {
  const means = surrogate.effect(name).map(({ mean }) => mean);
  const sign = surrogate.direction === Direction.Maximize ? 1 : -1;
  const values = (end === 'lower' ? means : means.reverse()).map((mean) => sign * mean);
  const outer = values.slice(0, Math.max(1, Math.floor(values.length / 6)));
  const inner = values[Math.ceil(values.length / 3)] ?? Infinity;
  const best = Math.max(...values);
  return outer.includes(best) && best - inner > 0.1 * (best - Math.min(...values));
}

/** The chance of so many or more of `count` where each has the same. */
function atLeast(hits: number, count: number, chance: number): number {
  const distribution = binomialDistribution(count, chance) ?? [];
  return distribution.slice(hits).reduce((sum, probability) => sum + probability, 0);
}

function onLimits(definition: SweepDefinition, { rows, by }: Ranking): Advice[] {
  const direction = definition.objectives[by];
  const best = rows.find(isFeasible)?.metrics[by]?.mean;
  const sign = direction === Direction.Maximize ? 1 : -1;
  const [beyond] = rows
    .filter((row) => !isFeasible(row))
    .sort((a, b) => sign * ((b.metrics[by]?.mean ?? 0) - (a.metrics[by]?.mean ?? 0)));
  const value = beyond?.metrics[by]?.mean;
  if (!beyond || value === undefined) return [];
  if (best === undefined) {
    const text = `No configuration holds the limits; ${beyond.broken.join(' and ')} stops the best (${by} ${formatNumber(value)}).`;
    return [{ kind: AdviceKind.Limit, text }];
  }
  if (sign * (value - best) <= 0) return [];
  const text = `The limit ${beyond.broken.join(' and ')} costs ${formatNumber(Math.abs(value - best), 3)} of ${by}: without it trial ${beyond.trials[0]?.number ?? 0} with ${formatNumber(value)} would be first, instead of ${formatNumber(best)}.`;
  return [{ kind: AdviceKind.Limit, text }];
}

function onSampler(
  definition: SweepDefinition,
  space: Space,
  trials: readonly Trial[],
  ranking: Ranking,
): Advice[] {
  const text = samplerAdvice(definition, space, trials, ranking);
  return text === undefined ? [] : [{ kind: AdviceKind.NoBetterThanRandom, text }];
}

function onPruner(definition: SweepDefinition, space: Space, trials: readonly Trial[]): Advice[] {
  const text = prunerAdvice(definition, space, trials);
  return text === undefined ? [] : [{ kind: AdviceKind.Pruner, text }];
}

function onFailures(trials: readonly Trial[]): Advice[] {
  const failed = trials.filter(({ state }) => state === TrialState.Failed);
  const ended = trials.filter(({ state }) => state === TrialState.Failed || state === TrialState.Completed);
  if (failed.length < 3 || failed.length < 0.1 * ended.length) return [];
  const classes = new Map<string, number>();
  for (const { failure } of failed) {
    const kind = failure?.class ?? 'unknown';
    classes.set(kind, (classes.get(kind) ?? 0) + 1);
  }
  const [[kind, count] = ['unknown', 0]] = [...classes].sort(([, a], [, b]) => b - a);
  const example = failed.find(({ failure }) => failure?.class === kind)?.failure?.message.split('\n')[0];
  const text = `${failed.length} of ${ended.length} trials failed, ${count} of them by ${kind}${example === undefined ? '' : ` (${example.slice(0, 200)})`}.`;
  return [{ kind: AdviceKind.Failures, text }];
}
