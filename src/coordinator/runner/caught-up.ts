import { setTimeout } from 'node:timers/promises';
import type { CoordinatorBus } from '../../messaging/bus.js';

/** Milliseconds between looks. */
const interval = 50;

/**
 * Until all reports that were sent before we came are stored. New ones may keep coming meanwhile.
 * @param handled reports that were stored until now
 */
export async function untilCaughtUp(
  bus: CoordinatorBus,
  sweepId: string,
  handled: () => number,
): Promise<void> {
  let backlog = await bus.pendingReports(sweepId);
  const enough = handled() + backlog;
  while (backlog > 0 && handled() < enough) {
    await setTimeout(interval);
    backlog = await bus.pendingReports(sweepId);
  }
}
