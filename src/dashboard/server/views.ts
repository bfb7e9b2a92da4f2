import { shownReason, shownState } from '../../store/leadership.js';
import type { SweepRecord, SweepStore, WorkerRecord } from '../../store/sweep-store.js';
import { plannedTrials } from '../../sweep/samplers.js';
import { compileSpace } from '../../sweep/space.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';
import type { SweepControl } from './control.js';
import type { SweepView, SweepWorker, TrialView } from '../api.js';
import { quarantineOf } from './quarantine.js';

/** A trial as it goes over the wire: thousands of them do, so without details and origin. */
export function trialView(trial: Trial): TrialView {
  // Named one by one, so that what the store's trials get later does not go out unseen.
  const { number, configuration, replicate, seed, parameters, state, attempts, metrics, createdAt } = trial;
  return {
    number,
    configuration,
    replicate,
    seed,
    parameters,
    state,
    attempts,
    metrics,
    createdAt,
    ...(trial.lastStep !== undefined && { lastStep: trial.lastStep }),
    ...(trial.failure !== undefined && { failure: trial.failure }),
    ...(trial.reason !== undefined && { reason: trial.reason }),
    ...(trial.workerId !== undefined && { workerId: trial.workerId }),
    ...(trial.startedAt !== undefined && { startedAt: trial.startedAt }),
    ...(trial.finishedAt !== undefined && { finishedAt: trial.finishedAt }),
  };
}

/** Whether results were chosen by looking at the test set (DESIGN section 5: every view marks it). */
export function selectsOnTest(definition: SweepDefinition): boolean {
  return definition.fixed['selectOn'] === 'test';
}

/** How a trainable is called in a list. */
export function trainableName({ trainable }: SweepDefinition): string {
  switch (trainable.kind) {
    case 'builtin':
      return trainable.name;
    case 'module':
      return trainable.path.split(/[\\/]/).at(-1) ?? trainable.path;
    case 'command':
      return trainable.command.join(' ');
  }
}

/** Workers that were there while the sweep was: those of its pool, without the ones of other days. */
function workersOf(sweep: SweepRecord, workers: readonly WorkerRecord[]): WorkerRecord[] {
  return workers.filter(
    ({ pool, seenAt, startedAt }) =>
      pool === sweep.definition.workers.pool &&
      seenAt >= sweep.createdAt &&
      startedAt <= (sweep.finishedAt ?? Infinity),
  );
}

/** How a sweep stands, and why. */
export function shownOf(record: SweepRecord): Pick<SweepView, 'shown' | 'reason'> {
  const shown = shownState(record, Date.now());
  const reason = shownReason(record, shown);
  return { shown, ...(reason !== undefined && { reason }) };
}

/** What may be asked for a sweep. */
export function actionsOf(
  control: SweepControl | undefined,
  sweep: SweepRecord,
): readonly SweepAction['action'][] {
  if (!control) return [];
  return control.offers?.(sweep) ?? (sweep.state === 'running' ? ['stop'] : []);
}

/** Reads what the views of a sweep are made of, but for its trials. */
export class SweepReader {
  readonly #planned = new Map<string, number | undefined>();

  constructor(
    private readonly store: SweepStore,
    private readonly control: SweepControl | undefined,
  ) {}

  /** @throws {Error} where the sweep is not there any more. */
  async state(sweepId: string): Promise<{ record: SweepRecord; sweep: SweepView; workers: SweepWorker[] }> {
    const [record, workers] = await Promise.all([this.store.findSweep(sweepId), this.store.listWorkers()]);
    if (!record) throw new Error(`sweep ${sweepId} is not in the store any more`);
    const quarantine = await quarantineOf(this.store, record);
    const own = workersOf(record, workers).map((worker): SweepWorker => {
      const reason = quarantine.get(worker.id);
      return reason === undefined ? worker : { ...worker, quarantine: reason };
    });
    return { record, sweep: this.view(record), workers: own };
  }

  view(record: SweepRecord): SweepView {
    if (!this.#planned.has(record.id))
      this.#planned.set(record.id, plannedTrials(record.definition, compileSpace(record.definition)));
    const planned = this.#planned.get(record.id);
    return {
      id: record.id,
      definition: record.definition,
      state: record.state,
      ...shownOf(record),
      usage: record.usage,
      createdAt: record.createdAt,
      ...(record.finishedAt !== undefined && { finishedAt: record.finishedAt }),
      ...(planned !== undefined && { planned }),
      selectsOnTest: selectsOnTest(record.definition),
      actions: [...actionsOf(this.control, record)],
    };
  }
}
