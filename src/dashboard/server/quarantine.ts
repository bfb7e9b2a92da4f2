import {
  SweepState,
  type DecisionRecord,
  type SweepRecord,
  type SweepStore,
} from '../../store/sweep-store.js';

/** Workers that get no trials of a sweep for now, with the reason; of one that ended, nobody. */
export async function quarantineOf(
  store: SweepStore,
  { id, state }: Pick<SweepRecord, 'id' | 'state'>,
): Promise<ReadonlyMap<string, string>> {
  const quarantine = new Map<string, string>();
  if (state !== SweepState.Running) return quarantine;
  for (const decision of await store.sweepDecisions(id)) note(quarantine, decision);
  return quarantine;
}

/** The runner notes who is put into quarantine, and who is let out of it. */
function note(quarantine: Map<string, string>, { action, reason }: DecisionRecord): void {
  if (action !== 'quarantine' && action !== 'release') return;
  const [, worker, why] = /^worker (\S+?)[:,]? (.*)$/s.exec(reason) ?? [];
  if (worker === undefined || why === undefined) return;
  if (action === 'quarantine') quarantine.set(worker, why);
  else quarantine.delete(worker);
}
