import { parseDuration } from '../../sweep/units.js';
import { showPath } from '../../sweep/definition/problem.js';
import { checkShape } from '../../sweep/definition/schema-findings.js';
import { settingsSchema, type Settings } from '../../sweep/steering/sweep-action.js';
import { UsageError } from '../../support/errors.js';

const limits = ['concurrency', 'trials', 'gpuHours', 'cost'];

/**
 * What `coordinator set` is given: `concurrency=8 time=4h lr=[1e-4,1e-2]`; `none` takes a limit, or narrower bounds,
 * away. Pure.
 * @throws UsageError naming what is wrong
 */
export function readSettings(words: readonly string[]): Settings {
  const settings: Record<string, unknown> = {};
  const bounds: Record<string, unknown> = {};
  for (const word of words) {
    const [, name, text] = /^([^=\s]+)=(.+)$/.exec(word) ?? [];
    if (name === undefined || text === undefined)
      throw new UsageError(`"${word}" is no setting: it must be name=value, e.g. concurrency=8`);
    const to = name === 'time' || limits.includes(name) ? settings : bounds;
    if (to === bounds && Number.isFinite(Number(text)))
      throw new UsageError(
        `"${name}" is no setting: there are ${['time', ...limits].join(', ')}, and bounds of a parameter such as lr=[1e-4,1e-2], or none`,
      );
    if (Object.hasOwn(to, name)) throw new UsageError(`"${name}" is set twice`);
    to[name] = text === 'none' ? null : name === 'time' ? seconds(text) : value(name, text);
  }
  const given = Object.keys(bounds).length === 0 ? settings : { ...settings, bounds };
  const result = checkShape(settingsSchema, given, []);
  if ('value' in result) return result.value;
  throw new UsageError(
    result.findings
      .map(({ path, message }) => `${showPath(path).replace(/^bounds\./, '')} ${message}`)
      .join('; '),
  );
}

function seconds(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new UsageError(`time is "${text}", but must be a duration such as 4h or 1h30m, or none`);
}

function value(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const form = limits.includes(name) ? 'a number' : 'bounds such as [1e-4,1e-2]';
    throw new UsageError(`${name} is "${text}", but must be ${form} or none`, { cause: error });
  }
}
