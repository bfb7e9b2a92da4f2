import type { SweepRecord, SweepStore } from '../../../store/sweep-store.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { directionOf } from '../../metrics.js';
import { HttpError } from '../http-error.js';
import type { Column, GrowingColumn } from '../table/column.js';
import { Configurations } from '../table/configurations.js';
import { rowsWhere } from '../table/filter.js';
import { historyOf, type History } from '../table/history.js';
import type { LiveTable } from '../table/live-table.js';
import { code, type TrialTable } from '../table/trial-table.js';

/** What answers about one sweep are made from; what several of them need is computed once for each revision. */
export class SweepContext {
  constructor(
    readonly sweep: SweepRecord,
    readonly live: LiveTable,
    readonly store: SweepStore,
  ) {}

  get table(): TrialTable {
    return this.live.table;
  }

  get revision(): number {
    return this.live.revision;
  }

  rows(where: string | undefined): Int32Array {
    return this.live.keep(`rows ${where ?? ''}`, () => rowsWhere(this.table, where));
  }

  /** Those that can be drawn: they have a result, or are on the way to one. */
  drawn(where: string | undefined): Int32Array {
    return this.live.keep(`drawn ${where ?? ''}`, () =>
      this.rows(where).filter((row) => isDrawn(this.table, row)),
    );
  }

  configurations(where: string | undefined): Configurations {
    return this.live.keep(
      `configurations ${where ?? ''}`,
      () => new Configurations(this.table, this.rows(where)),
    );
  }

  history(metric: string, where: string | undefined): History {
    return this.live.keep(`history ${metric} ${where ?? ''}`, () => {
      const configurations = this.configurations(where);
      const { definition } = this.sweep;
      const feasible = definition.limits.length === 0 ? () => true : feasibleRows(this.table, configurations);
      return historyOf(this.table, this.metric(metric), this.direction(metric), this.rows(where), feasible);
    });
  }

  /** @throws {HttpError} 400 where there is none of that name. */
  column(id: string): Column & Pick<GrowingColumn, 'at'> {
    const column = this.table.column(id);
    if (column) return column;
    // An objective that nobody has reported yet is a column without values.
    const name = id.startsWith('metric:') ? id.slice('metric:'.length) : '';
    if (Object.hasOwn(this.sweep.definition.objectives, name)) {
      return {
        id,
        values: new Float64Array(this.table.size).fill(NaN),
        categories: undefined,
        scale: 'auto',
        at: () => undefined,
      };
    }
    throw new HttpError(400, `sweep "${this.sweep.definition.name}" has no column "${id}"`);
  }

  metric(name: string): Column {
    return this.column(`metric:${name}`);
  }

  get primary(): string {
    return Object.keys(this.sweep.definition.objectives)[0] ?? '';
  }

  /** Where better lies: of what nobody said it of, upwards. */
  direction(metric: string): Direction {
    return directionOf(this.sweep.definition, metric) ?? Direction.Maximize;
  }
}

/** Whether a trial by itself may be the best: a limit holds for the mean of its configuration. */
function feasibleRows(table: TrialTable, configurations: Configurations): (row: number) => boolean {
  const feasible = new Set<number>();
  configurations.first.forEach((row, position) => {
    if (configurations.isFeasible(position)) feasible.add(table.configuration.values[row] as number);
  });
  return (row) => feasible.has(table.configuration.values[row] as number);
}

/** A trial whose numbers can be drawn: it has a result, or is on the way to one. */
function isDrawn(table: TrialTable, row: number): boolean {
  const state = table.state.values[row];
  return state === code.completed || state === code.pruned || state === code.running || state === code.paused;
}
