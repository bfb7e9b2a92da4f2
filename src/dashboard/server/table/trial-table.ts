import type { TrialOutline } from '../../../store/sweep-store.js';
import type { Parameter, ParameterValue } from '../../../sweep/parameter.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState } from '../../../sweep/trial.js';
import { GrowingColumn, type Column, type ColumnScale } from './column.js';

/** States in the order of their codes in the column `state`. */
export const states = Object.values(TrialState);
const codeOf = Object.fromEntries(states.map((state, code) => [state, code])) as Record<TrialState, number>;
/** Codes of states, to compare with `state.values`. */
export const code = codeOf;

/**
 * All trials of a sweep in columns, a few bytes for each thing known of a trial: 100,000 of them take 20 MB, and a look
 * at all of them a millisecond a column. Rows are trial numbers.
 *
 * Columns: `number`, `configuration`, `replicate`, `state`, `attempts`, `step`, `failure`, `worker`, `created`,
 * `started`, `finished` (milliseconds since the epoch), `duration` (seconds), `activity` (most where something happens:
 * what runs, then what ended last), `parameter:NAME` and `metric:NAME`.
 */
export class TrialTable {
  /** One more than the highest number; `state` is NaN where a number in between is not there yet. */
  size = 0;
  /** Everything up to this revision of the sweep is in it. */
  revision = 0;
  readonly #columns = new Map<string, GrowingColumn>();
  readonly #parameters: readonly [string, GrowingColumn][];
  readonly #metrics = new Map<string, GrowingColumn>();
  readonly number = this.#add('number');
  readonly configuration = this.#add('configuration');
  readonly replicate = this.#add('replicate');
  readonly state = this.#add('state', 'linear', states);
  readonly attempts = this.#add('attempts');
  readonly step = this.#add('step');
  readonly failure = this.#add('failure', 'linear', []);
  readonly worker = this.#add('worker', 'linear', []);
  readonly created = this.#add('created');
  readonly started = this.#add('started');
  readonly finished = this.#add('finished');
  readonly duration = this.#add('duration');
  readonly activity = this.#add('activity');

  constructor(readonly definition: SweepDefinition) {
    this.#parameters = Object.entries(definition.space).map(([name, parameter]) => [
      name,
      this.#add(`parameter:${name}`, isLog(parameter) ? 'log' : 'linear', categoriesOf(parameter)),
    ]);
  }

  /** Metrics that any trial has reported. */
  get metricNames(): string[] {
    return [...this.#metrics.keys()];
  }

  get parameterNames(): string[] {
    return this.#parameters.map(([name]) => name);
  }

  column(id: string): (Column & Pick<GrowingColumn, 'at'>) | undefined {
    return this.#columns.get(id);
  }

  metric(name: string): Column | undefined {
    return this.#metrics.get(name);
  }

  /** Trials as they are now; in the order of their revisions. */
  apply(outlines: readonly TrialOutline[]): void {
    for (const outline of outlines) this.#apply(outline);
  }

  #apply(outline: TrialOutline): void {
    const row = outline.number;
    this.revision = outline.revision;
    if (row >= this.size) this.size = row + 1;
    this.number.set(row, row);
    this.configuration.set(row, outline.configuration);
    this.replicate.set(row, outline.replicate);
    this.state.set(row, outline.state);
    this.attempts.set(row, outline.attempts);
    this.step.set(row, outline.lastStep);
    this.failure.set(row, outline.failureClass);
    this.worker.set(row, outline.workerId);
    this.created.set(row, outline.createdAt);
    this.started.set(row, outline.startedAt);
    this.finished.set(row, outline.finishedAt);
    const { startedAt, finishedAt, parameters, metrics } = outline;
    this.activity.set(row, outline.state === TrialState.Running ? Infinity : finishedAt);
    this.duration.set(
      row,
      startedAt === null || finishedAt === null ? null : (finishedAt - startedAt) / 1000,
    );
    for (const [name, column] of this.#parameters) column.set(row, own(parameters, name));
    for (const name in metrics) {
      if (!this.#metrics.has(name)) this.#metrics.set(name, this.#add(`metric:${name}`, 'auto'));
    }
    // A new attempt begins without metrics.
    for (const [name, column] of this.#metrics) column.set(row, own(metrics, name));
  }

  #add(id: string, scale: ColumnScale = 'linear', categories?: readonly ParameterValue[]): GrowingColumn {
    const column = new GrowingColumn(id, scale, categories);
    this.#columns.set(id, column);
    return column;
  }
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isLog(parameter: Parameter): boolean {
  return (parameter.kind === 'int' || parameter.kind === 'float') && parameter.log;
}

/** Numbers ascending, names in the order of the file. */
function categoriesOf(parameter: Parameter): readonly ParameterValue[] | undefined {
  if (parameter.kind === 'ordinal') return parameter.values;
  if (parameter.kind !== 'choice') return undefined;
  const { values } = parameter;
  return values.every((value) => typeof value === 'number')
    ? [...values].sort((a, b) => Number(a) - Number(b))
    : values;
}
