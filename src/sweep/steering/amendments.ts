import { domainOf } from '../domain.js';
import { didYouMean } from '../nearest.js';
import { createRandom } from '../random.js';
import { compileSpace, type Bounds } from '../space.js';
import { SpaceError } from '../space-parameter.js';
import type { SweepDefinition } from '../sweep-definition.js';
import type { Settings, SweepAction } from './sweep-action.js';

/**
 * What was changed of a sweep since it began, as it stands now. Its definition stays what it was: history is valid under
 * both. Plain JSON; who changed what and when is in the sweep's decisions.
 */
export interface Amendments extends Omit<Settings, 'bounds'> {
  /** Bounds of numeric parameters, within those of the definition. */
  readonly bounds?: Bounds;
  /** Of the pool's slots, beside other sweeps. @default 1 */
  readonly priority?: number;
  /** Present: no new trials begin. */
  readonly paused?: { readonly reason: string };
  /** Workers that get no trials of this sweep, with the reason. */
  readonly quarantined?: Readonly<Record<string, string>>;
}

/** The actions that change amendments and nothing else. */
export type Amending = Extract<
  SweepAction,
  { action: 'pause' | 'resume' | 'set' | 'priority' | 'quarantine' | 'release' }
>;

export type Amended =
  /** `changes`: in words, one for each; none where all was so already. */
  | { readonly ok: true; readonly amendments: Amendments; readonly changes: readonly string[] }
  /** Why it can't be; `wrong`: what was asked for can never be, whatever the sweep's state. */
  | { readonly ok: false; readonly problem: string; readonly wrong: boolean };

const limits = ['concurrency', 'trials', 'time', 'gpuHours', 'cost'] as const;

/** The definition that a sweep goes on with. Narrowed bounds are constraints of it. Pure. */
export function amended(definition: SweepDefinition, amendments: Amendments): SweepDefinition {
  const { concurrency, trials, time, gpuHours, cost, bounds = {} } = amendments;
  const narrowed = Object.entries(bounds).flatMap(([name, [low, high]]) => [
    `${name} >= ${low}`,
    `${name} <= ${high}`,
  ]);
  return {
    ...definition,
    constraints: [...definition.constraints, ...narrowed],
    search: replaced(definition.search, { trials }),
    budget: replaced(definition.budget, { time, gpuHours, cost }),
    workers: replaced(definition.workers, { concurrency }),
  };
}

/** What an action makes of the amendments that there are, or why it can't be. Pure. @param by who asks */
export function amend(
  definition: SweepDefinition,
  before: Amendments,
  action: Amending,
  by: string,
): Amended {
  switch (action.action) {
    case 'pause':
      if (before.paused) return refused(`it is paused already: ${before.paused.reason}`);
      return {
        ok: true,
        amendments: { ...before, paused: { reason: `paused by ${by}` } },
        changes: [
          action.now ? 'paused; running trials go back to the queue' : 'paused; running trials finish',
        ],
      };
    case 'resume':
      if (!before.paused) return refused('it is not paused');
      return { ok: true, amendments: without(before, 'paused'), changes: ['goes on'] };
    case 'priority': {
      const { priority: was = 1 } = before;
      const { priority } = action;
      return {
        ok: true,
        amendments: { ...before, priority },
        changes: was === priority ? [] : [`priority: ${was} -> ${priority}`],
      };
    }
    case 'quarantine': {
      const { worker } = action;
      const reason = `put into quarantine by ${by}`;
      if (before.quarantined?.[worker] !== undefined)
        return refused(`worker ${worker} is in quarantine already`);
      return {
        ok: true,
        amendments: { ...before, quarantined: { ...before.quarantined, [worker]: reason } },
        changes: [`worker ${worker} gets no more trials of this sweep`],
      };
    }
    case 'release': {
      const { worker } = action;
      const { [worker]: was, ...quarantined } = before.quarantined ?? {};
      if (was === undefined) return refused(`nobody has put worker ${worker} into quarantine`);
      return { ok: true, amendments: { ...before, quarantined }, changes: [`worker ${worker} is released`] };
    }
    case 'set':
      return set(definition, before, action.settings);
  }
}

function set(definition: SweepDefinition, before: Amendments, settings: Settings): Amended {
  const { bounds = {}, ...rest } = settings;
  if (Object.keys(settings).length === 0) return wrong('nothing is to be set');
  if (rest.cost !== undefined && definition.budget.pricePerGpuHour === undefined)
    return wrong('a budget of cost needs budget.pricePerGpuHour in the sweep file');
  const now: Record<string, [number, number]> = { ...copied(before.bounds) };
  for (const [name, range] of Object.entries(bounds)) {
    const problem = explainBounds(definition, name, range);
    if (problem !== undefined) return wrong(problem);
    if (range) now[name] = range;
    else delete now[name];
  }
  const amendments: Amendments = { ...before, ...rest, bounds: now };
  const empty = explainEmpty(definition, amendments);
  if (empty !== undefined) return wrong(empty);
  const [old, next] = [amended(definition, before), amended(definition, amendments)];
  const changes = [
    ...limits.flatMap((name) => change(name, valueOf(old, name), valueOf(next, name))),
    ...Object.keys(bounds).flatMap((name) =>
      change(name, shown(definition, before, name), shown(definition, amendments, name)),
    ),
  ];
  return { ok: true, amendments, changes };
}

function explainBounds(
  { space }: SweepDefinition,
  name: string,
  range: readonly [number, number] | null,
): string | undefined {
  const parameter = Object.hasOwn(space, name) ? space[name] : undefined;
  if (!parameter)
    return `there is no setting or parameter "${name}"${didYouMean(name, [...limits, ...Object.keys(space)])}`;
  if (parameter.kind !== 'int' && parameter.kind !== 'float')
    return `"${name}" is a ${parameter.kind}: only the bounds of numbers (int, float) can be narrowed`;
  if (!range) return undefined;
  const [low, high] = range;
  const { low: least, high: most } = parameter;
  if (low > high) return `the bounds [${low}, ${high}] of "${name}" are the wrong way round`;
  if (low < least || high > most)
    return `the bounds [${low}, ${high}] of "${name}" must lie within those of the sweep file, [${least}, ${most}]`;
  const domain = domainOf(parameter);
  if (domain.size === Infinity)
    return low === high ? `the two bounds of "${name}" must differ, but both are ${low}` : undefined;
  const near = domain.indexOf(low);
  const holds = [near, near + 1].some((index) => {
    const value = index < domain.size ? Number(domain.at(index)) : Infinity;
    return value >= low && value <= high;
  });
  return holds ? undefined : `no value of "${name}" lies within [${low}, ${high}]`;
}

/** Whether nothing may be proposed any more. */
function explainEmpty(definition: SweepDefinition, amendments: Amendments): string | undefined {
  const { bounds = {} } = amendments;
  if (Object.keys(bounds).length === 0) return undefined;
  try {
    compileSpace(amended(definition, amendments), bounds).random(createRandom(definition.search.seed));
    return undefined;
  } catch (error) {
    if (error instanceof SpaceError) return `within these bounds ${error.message}`;
    throw error;
  }
}

function valueOf({ search, budget, workers }: SweepDefinition, name: (typeof limits)[number]): string {
  const values = { ...budget, trials: search.trials, concurrency: workers.concurrency };
  return String(values[name] ?? 'no limit');
}

function shown({ space }: SweepDefinition, { bounds = {} }: Amendments, name: string): string {
  const parameter = space[name];
  const range = bounds[name];
  if (range) return `[${range.join(', ')}]`;
  return parameter && 'low' in parameter ? `[${parameter.low}, ${parameter.high}]` : '';
}

function change(name: string, from: string, to: string): string[] {
  return from === to ? [] : [`${name}: ${from} -> ${to}`];
}

function copied(bounds: Bounds = {}): Record<string, [number, number]> {
  return Object.fromEntries(Object.entries(bounds).map(([name, [low, high]]) => [name, [low, high]]));
}

/** With these values: `null` takes one away, undefined leaves it. */
function replaced<T extends object>(
  of: T,
  values: { readonly [Name in keyof T]?: T[Name] | null | undefined },
): T {
  const result = { ...of };
  for (const name of Object.keys(values) as (keyof T)[]) {
    const value = values[name];
    if (value === null) delete result[name];
    else if (value !== undefined) result[name] = value;
  }
  return result;
}

function without<T extends object, K extends keyof T>(of: T, name: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(of).filter(([key]) => key !== name)) as Omit<T, K>;
}

function refused(problem: string): Amended {
  return { ok: false, problem, wrong: false };
}

function wrong(problem: string): Amended {
  return { ok: false, problem, wrong: true };
}
