import type { Amendments } from '../sweep/steering/amendments.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import type { Sweep, SweepTally, Worker } from './generated/sqlite/client.js';
import type { Columns, RowOf } from './rows.js';
import { present, storable } from './rows.js';
import type { Leader, SweepRecord, SweepState, WorkerRecord } from './sweep-store.js';

export function sweepOf(sweep: Sweep & { readonly tally: SweepTally | null }): SweepRecord {
  return {
    id: sweep.id,
    definition: JSON.parse(sweep.definition) as SweepDefinition,
    source: sweep.source,
    state: sweep.state as SweepState,
    ...present('reason', sweep.reason),
    usage: { seconds: sweep.tally?.seconds ?? 0, slotSeconds: sweep.tally?.slotSeconds ?? 0 },
    createdAt: Number(sweep.createdAt),
    ...present('finishedAt', sweep.finishedAt, Number),
    ...present('amendments', sweep.amendments, (text) => JSON.parse(text) as Amendments),
    ...present('leader', leaderOf(sweep.tally)),
  };
}

function leaderOf(tally: SweepTally | null): Leader | null {
  if (typeof tally?.leader !== 'string' || tally.leaderSeenAt === null) return null;
  return { holder: tally.leader, seenAt: Number(tally.leaderSeenAt) };
}

/** Columns of `worker`. */
export const workerColumns = {
  id: 'text',
  host: 'text',
  pool: 'text',
  state: 'text',
  slots: 'integer',
  busy: 'integer',
  backend: 'text',
  device: 'text',
  memory_bytes: 'real',
  started_at: 'bigint',
  seen_at: 'bigint',
} as const satisfies Columns;

export function workerRow(worker: WorkerRecord): RowOf<typeof workerColumns> {
  return {
    id: worker.id,
    host: storable(worker.host),
    pool: worker.pool,
    state: worker.state,
    slots: worker.slots,
    busy: worker.busy,
    backend: storable(worker.backend),
    device: storable(worker.device),
    memory_bytes: worker.memoryBytes,
    started_at: Math.round(worker.startedAt),
    seen_at: Math.round(worker.seenAt),
  };
}

export function workerOf(worker: Worker): WorkerRecord {
  return {
    ...worker,
    state: worker.state as WorkerRecord['state'],
    startedAt: Number(worker.startedAt),
    seenAt: Number(worker.seenAt),
  };
}
