import { parquetWriteBuffer } from 'hyparquet-writer';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';

type Cell = string | number | boolean | undefined;

/** Trials as a Parquet file: the columns of the CSV, numbers as doubles, times as UTC milliseconds; absent is null. */
export function trialsParquet(
  definition: SweepDefinition,
  trials: readonly Trial[],
  metrics: readonly string[],
): Uint8Array {
  const column = (name: string, valueOf: (trial: Trial) => Cell) => typed(name, trials.map(valueOf));
  const time = (name: 'createdAt' | 'startedAt' | 'finishedAt') => ({
    name,
    type: 'TIMESTAMP' as const,
    nullable: true,
    data: trials.map((trial) => (trial[name] === undefined ? null : new Date(trial[name]))),
  });
  const columnData = [
    column('number', ({ number }) => number),
    column('state', ({ state }) => state),
    column('configuration', ({ configuration }) => configuration),
    column('replicate', ({ replicate }) => replicate),
    column('seed', ({ seed }) => seed),
    column('attempts', ({ attempts }) => attempts),
    column('lastStep', ({ lastStep }) => lastStep),
    column('failureClass', ({ failure }) => failure?.class),
    column('failureMessage', ({ failure }) => failure?.message),
    column('reason', ({ reason }) => reason),
    column('workerId', ({ workerId }) => workerId),
    time('createdAt'),
    time('startedAt'),
    time('finishedAt'),
    ...Object.keys(definition.space).map((name) => column(`parameters.${name}`, (t) => t.parameters[name])),
    ...metrics.map((name) => column(`metrics.${name}`, (t) => t.metrics[name])),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Values of several types become texts. */
function typed(name: string, values: readonly Cell[]) {
  const types = new Set(values.flatMap((value) => (value === undefined ? [] : typeof value)));
  const [only] = types;
  if (types.size === 1 && only === 'number')
    return { name, type: 'DOUBLE' as const, nullable: true, data: values.map((value) => value ?? null) };
  if (types.size === 1 && only === 'boolean')
    return { name, type: 'BOOLEAN' as const, nullable: true, data: values.map((value) => value ?? null) };
  const data = values.map((value) => (value === undefined ? null : String(value)));
  return { name, type: 'STRING' as const, nullable: true, data };
}
