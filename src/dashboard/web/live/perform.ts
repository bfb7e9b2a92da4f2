import type { ErrorBody } from '../../api.js';
import type { SweepAction } from '../../../sweep/steering/sweep-action.js';

/** What a dialog fills in; the server knows the defaults of the rest. */
export type WantedAction = { readonly action: SweepAction['action'] } & Readonly<Record<string, unknown>>;

/** Asks the coordinator. Rejects with what it says. */
export async function perform(base: string, action: WantedAction): Promise<void> {
  const response = await fetch(`${base}/actions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(action),
  });
  if (response.ok) return;
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  throw new Error(body?.error.message ?? `the server answered ${response.status}`);
}
