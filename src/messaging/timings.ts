import { z } from 'zod';
import { UsageError } from '../support/errors.js';

/** How long the bus waits before it takes someone for dead. Milliseconds. */
export interface BusTimings {
  /**
   * An assignment whose worker gave no sign (`Delivery.working`) for so long goes to another one. Workers call
   * `working` three times in this time. `SWEEPYARD_ACK_WAIT`. @default 30 000
   */
  readonly ackWait: number;
  /** A worker that did not announce itself for so long is gone. `SWEEPYARD_FLEET_TTL`. @default 10 000 */
  readonly fleetTtl: number;
  /** A lease that was not renewed for so long is free. `SWEEPYARD_LEASE_TTL`. @default 6 000 */
  readonly leaseTtl: number;
}

const milliseconds = z.coerce.number().int().min(500).max(3_600_000);

/** The defaults, or what the environment says (tests that kill workers don't want to wait half a minute). */
export function busTimings(environment: NodeJS.ProcessEnv = process.env): BusTimings {
  const read = (name: string, otherwise: number): number => {
    const text = environment[name];
    if (text === undefined || text === '') return otherwise;
    const value = milliseconds.safeParse(text);
    if (!value.success) {
      throw new UsageError(
        `${name} must be milliseconds between 500 and 3600000, not ${JSON.stringify(text)}`,
      );
    }
    return value.data;
  };
  return {
    ackWait: read('SWEEPYARD_ACK_WAIT', 30_000),
    fleetTtl: read('SWEEPYARD_FLEET_TTL', 10_000),
    leaseTtl: read('SWEEPYARD_LEASE_TTL', 6_000),
  };
}
