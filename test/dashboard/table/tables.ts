import { TrialTable } from '../../../src/dashboard/server/table/trial-table.js';
import type { TrialOutline } from '../../../src/store/sweep-store.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { definition } from '../support/sweeps.js';

/** A completed trial, and what a test is about. */
export function outline(changes: Partial<TrialOutline> = {}): TrialOutline {
  const number = changes.number ?? 0;
  return {
    revision: number + 1,
    number,
    configuration: number,
    replicate: 0,
    parameters: {},
    state: 'completed',
    attempts: 1,
    metrics: {},
    lastStep: null,
    failureClass: null,
    workerId: null,
    createdAt: 0,
    startedAt: 0,
    finishedAt: number,
    ...changes,
  };
}

export function tableOf(
  outlines: readonly TrialOutline[],
  changes: Partial<SweepDefinition> = {},
): TrialTable {
  const table = new TrialTable(definition(changes));
  table.apply(outlines);
  return table;
}
