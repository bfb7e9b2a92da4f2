import { isAbsolute, resolve } from 'node:path';
import {
  checkConditions,
  checkParameterExpressions,
  KnownNames,
  type Names,
  type PlacedExpression,
} from './definition/check-expressions.js';
import { nameProblem, readParameter } from './definition/check-parameters.js';
import { checkBuiltin } from './definition/check-builtin.js';
import { checkReach } from './definition/check-reach.js';
import { checkBudget, checkSamplerName, checkSearch } from './definition/check-search.js';
import { showPath, type Finding, type Problem } from './definition/problem.js';
import { readPbt } from './definition/read-pbt.js';
import { readPruner } from './definition/read-pruner.js';
import { checkShape, describe, salvage, unknownKey } from './definition/schema-findings.js';
import { identifier, sections } from './definition/schema.js';
import { YamlSource } from './definition/yaml-source.js';
import { didYouMean } from './nearest.js';
import type { Parameter } from './parameter.js';
import { placeholder, trialPlaceholders } from './placeholders.js';
import { builtinNames } from './trainables.js';
import type {
  PrunerDefinition,
  SearchDefinition,
  SweepDefinition,
  TrainableReference,
} from './sweep-definition.js';

export type { Problem } from './definition/problem.js';
export { describeProblem, formatProblems } from './definition/problem.js';

export type DefinitionResult =
  | { readonly ok: true; readonly definition: SweepDefinition }
  /** By line and column; at least one. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a sweep file: YAML 1.2 text to a definition with every default filled in, or all mistakes at once.
 * Never throws. `baseDirectory` is what `trainable: ./module.ts` is relative to: the directory of the file.
 */
export function readDefinition(text: string, options: { readonly baseDirectory: string }): DefinitionResult {
  const read = YamlSource.read(text);
  if ('problems' in read) return { ok: false, problems: read.problems };
  const { source } = read;
  const reader = new DefinitionReader(options.baseDirectory);
  const definition = reader.read(source.data);
  const changed = source.changedNumbers();
  const findings = [...changed, ...besides(changed, reader.findings)];
  if (definition && findings.length === 0) return { ok: true, definition };
  return { ok: false, problems: source.locateAll(findings) };
}

/** What was found at a place of which nothing was told yet: what follows of a mistake is none by itself. */
function besides(told: readonly Finding[], findings: readonly Finding[]): Finding[] {
  const places = new Set(told.map(({ path }) => showPath(path)));
  return findings.filter(({ path }) => !places.has(showPath(path)));
}

type Sections = { [Name in keyof typeof sections]?: ReturnType<(typeof sections)[Name]['parse']> };

class DefinitionReader {
  readonly findings: Finding[] = [];

  constructor(private readonly baseDirectory: string) {}

  read(data: unknown): SweepDefinition | undefined {
    if (data === null || typeof data !== 'object' || Array.isArray(data)) {
      const message = `must have the keys name, trainable, space and objectives, but is ${describe(data)}`;
      this.findings.push({ path: [], message });
      return undefined;
    }
    const file = data as Record<string, unknown>;
    const parts = this.readSections(file);
    const parameters = this.readSpace(file['space']);
    const names: Names = {
      fixed: parts.fixed ?? {},
      parameters,
      objectives: new Set(Object.keys(record(file['objectives']))),
    };
    this.checkNames(names, parts);
    const known = new KnownNames(names);
    const { order, findings } = checkParameterExpressions(names, known);
    this.findings.push(...findings);
    this.checkAllConditions(parts, names, known);
    const samplerFindings = parts.search ? checkSamplerName(parts.search.sampler) : [];
    const trainable = this.readTrainable(parts.trainable, names);
    const read = parts.search && readPbt(parts.search, trainable, parts.fixed ?? {});
    const { pruner, findings: prunerFindings } = readPruner(
      file['pruner'],
      parts.objectives ?? {},
      parts.replicates,
    );
    this.findings.push(...samplerFindings, ...(read?.findings ?? []), ...prunerFindings);
    this.findings.push(...checkBudget(compact(parts.budget ?? {})));
    // What follows looks at the space as a whole, which must be sound for that.
    const search = read && { ...compact(read.search), ...(read.pbt && { pbt: read.pbt }) };
    const definition = this.assemble(parts, search, trainable, pruner, parameters, order);
    if (!definition || !this.isSound(['space', 'fixed', 'constraints'])) return undefined;
    const unreachable = checkReach(definition);
    this.findings.push(...unreachable);
    if (unreachable.length > 0) return undefined;
    this.findings.push(...besides(this.findings, checkBuiltin(definition)));
    const sound = { sampler: samplerFindings.length === 0, end: this.isSound(['budget']) };
    this.findings.push(...besides(this.findings, checkSearch(definition, sound)));
    return definition;
  }

  /** Whether nothing was found in these sections. */
  private isSound(names: readonly string[]): boolean {
    return !this.findings.some(({ path }) => names.includes(String(path[0])));
  }

  private readSections(file: Record<string, unknown>): Sections {
    const allowed = Object.keys(sections);
    for (const key of Object.keys(file)) {
      if (!allowed.includes(key)) {
        this.findings.push({ path: [key], message: unknownKey(key, allowed), atKey: true });
      }
    }
    const read = <Name extends keyof typeof sections>(name: Name): void => {
      const shape = checkShape<unknown>(sections[name], own(file, name), [name]);
      if ('findings' in shape) this.findings.push(...shape.findings);
      const value = 'value' in shape ? shape.value : salvage<unknown>(sections[name], own(file, name));
      if (value !== undefined) Object.assign(parts, { [name]: value });
    };
    const parts: Sections = {};
    for (const name of Object.keys(sections) as (keyof typeof sections)[]) {
      // These two are read piece by piece, to say more.
      if (name !== 'space' && name !== 'pruner') read(name);
    }
    return parts;
  }

  private readSpace(data: unknown): Map<string, Parameter | undefined> {
    const parameters = new Map<string, Parameter | undefined>();
    if (data === null || typeof data !== 'object' || Array.isArray(data) || Object.keys(data).length === 0) {
      const message =
        data === undefined
          ? 'is missing'
          : `must be a section with at least one parameter, not ${describe(data)}`;
      this.findings.push({ path: ['space'], message });
      return parameters;
    }
    for (const [name, value] of Object.entries(data)) {
      const { parameter, findings } = readParameter(name, value);
      parameters.set(name, parameter);
      this.findings.push(...findings);
    }
    return parameters;
  }

  /** One name means one thing. */
  private checkNames({ fixed, parameters, objectives }: Names, parts: Sections): void {
    if (parts.objectives && objectives.size === 0) {
      this.findings.push({ path: ['objectives'], message: 'must name at least one metric' });
    }
    for (const section of ['fixed', 'objectives'] as const) {
      for (const name of section === 'fixed' ? Object.keys(fixed) : objectives) {
        // The shape of the section has been checked, and with it the letters of its names.
        if (!identifier.test(name)) continue;
        const problem = nameProblem(name);
        if (problem !== undefined)
          this.findings.push({ path: [section, name], message: problem, atKey: true });
        else if (parameters.has(name)) {
          const message =
            section === 'fixed'
              ? `"${name}" is in the space too; a parameter is either fixed or searched`
              : `"${name}" is a parameter of the space; a metric needs another name`;
          this.findings.push({ path: [section, name], message, atKey: true });
        } else if (section === 'objectives' && Object.hasOwn(fixed, name)) {
          const message = `"${name}" is a fixed parameter; a metric needs another name`;
          this.findings.push({ path: [section, name], message, atKey: true });
        }
      }
    }
  }

  private checkAllConditions(parts: Sections, names: Names, known: KnownNames): void {
    const placed = (section: 'constraints' | 'limits'): PlacedExpression[] =>
      (parts[section] ?? []).map((text, index) => ({ text, path: [section, index] }));
    const until = parts.budget?.until;
    this.findings.push(
      ...checkConditions(placed('constraints'), 'parameters', names, known),
      ...checkConditions(placed('limits'), 'metrics', names, known),
      ...checkConditions(
        until === undefined ? [] : [{ text: until, path: ['budget', 'until'] }],
        'metrics',
        names,
        known,
      ),
    );
  }

  private readTrainable(given: Sections['trainable'], names: Names): TrainableReference | undefined {
    if (given === undefined) return undefined;
    if (typeof given !== 'string') {
      given.command.forEach((argument, index) => this.checkPlaceholders(argument, index, names));
      return { kind: 'command', command: given.command };
    }
    if (/^\.{0,2}\//.test(given) || isAbsolute(given) || /\.[cm]?[jt]sx?$/.test(given)) {
      return { kind: 'module', path: resolve(this.baseDirectory, given) };
    }
    if (builtinNames.includes(given)) return { kind: 'builtin', name: given };
    const message =
      `unknown trainable "${given}"${didYouMean(given, builtinNames)}; there is ${builtinNames.join(', ')}, ` +
      'a module begins with ./, a program is { command: [...] }';
    this.findings.push({ path: ['trainable'], message });
    return undefined;
  }

  private checkPlaceholders(argument: string, index: number, { fixed, parameters }: Names): void {
    const known = new Set<string>([...parameters.keys(), ...Object.keys(fixed), ...trialPlaceholders]);
    for (const match of argument.matchAll(placeholder)) {
      const [, name] = match;
      if (name === undefined || known.has(name)) continue;
      const message = `unknown parameter "${name}"${didYouMean(name, known)}`;
      const within = { text: argument, offset: match.index, length: match[0].length };
      this.findings.push({ path: ['trainable', 'command', index], message, within });
    }
  }

  private assemble(
    parts: Sections,
    search: SearchDefinition | undefined,
    trainable: TrainableReference | undefined,
    pruner: PrunerDefinition | undefined,
    parameters: ReadonlyMap<string, Parameter | undefined>,
    order: readonly string[],
  ): SweepDefinition | undefined {
    const { budget, trial, workers } = parts;
    if (!search || !budget || !trial || !workers || !parts.replicates) return undefined;
    const space: Record<string, Parameter> = {};
    for (const name of order) {
      const parameter = parameters.get(name);
      if (!parameter) return undefined;
      space[name] = parameter;
    }
    return {
      name: parts.name ?? '',
      trainable: trainable ?? { kind: 'builtin', name: '' },
      fixed: parts.fixed ?? {},
      space,
      constraints: parts.constraints ?? [],
      objectives: parts.objectives ?? {},
      limits: parts.limits ?? [],
      search,
      ...replicatesOf(parts.replicates),
      ...(pruner ? { pruner } : {}),
      budget: compact(budget),
      trial: compact(trial),
      workers: compact(workers),
    };
  }
}

/** `{ min, max }` where contenders get more than others. */
function replicatesOf(
  given: NonNullable<Sections['replicates']>,
): Pick<SweepDefinition, 'replicates' | 'maxReplicates'> {
  if (typeof given === 'number') return { replicates: given };
  const { min, max } = given;
  return { replicates: min, ...(max > min ? { maxReplicates: max } : {}) };
}

function record(data: unknown): object {
  return data !== null && typeof data === 'object' && !Array.isArray(data) ? data : {};
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Without the keys that are undefined. */
function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
