import { describe } from 'vitest';
import { batches } from '../store/contract/batches.js';
import { crashes } from '../store/contract/crashes.js';
import type { StorePlace } from '../store/contract/harness.js';
import { histories } from '../store/contract/histories.js';
import { leaders } from '../store/contract/leaders.js';
import { queries } from '../store/contract/queries.js';
import { sweeps } from '../store/contract/sweeps.js';

/**
 * What every adapter of the `SweepStore` port keeps, clause by clause. `makePlace` makes a new, empty database each
 * time; `skip` says why it can't be had here.
 */
export function sweepStoreContract(name: string, makePlace: () => Promise<StorePlace>, skip?: string): void {
  describe.skipIf(skip !== undefined)(
    `store contract over ${name}${skip ? ` (skipped: ${skip})` : ''}`,
    () => {
      sweeps(makePlace);
      batches(makePlace);
      histories(makePlace);
      queries(makePlace);
      leaders(makePlace);
      crashes(makePlace);
    },
  );
}
