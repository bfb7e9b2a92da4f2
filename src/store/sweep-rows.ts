import type { SweepDefinition } from '../sweep/sweep-definition.js';
import type { Sweep, SweepTally, Worker } from './generated/sqlite/client.js';
import { present, storable } from './rows.js';
import type { SweepRecord, SweepState, WorkerRecord } from './sweep-store.js';

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
  };
}

export function workerRow(worker: WorkerRecord): Worker {
  return {
    ...worker,
    host: storable(worker.host),
    device: storable(worker.device),
    startedAt: BigInt(Math.round(worker.startedAt)),
    seenAt: BigInt(Math.round(worker.seenAt)),
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
