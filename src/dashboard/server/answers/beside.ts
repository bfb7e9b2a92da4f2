import { besideOf } from '../../../analysis/beside.js';
import { isImported } from '../../../store/imported.js';
import type { SweepRecord } from '../../../store/sweep-store.js';
import type { BesideAnswer, BesideSweep } from '../../api/beside.js';

/** More than this nobody looks through in a list. */
const mostSweeps = 50;

/** Sweeps whose results can be drawn beside those of `sweep`; `sweeps` are newest first. */
export function beside(sweep: SweepRecord, sweeps: readonly SweepRecord[]): BesideAnswer {
  const found = sweeps.flatMap((other): BesideSweep[] => {
    const shared = other.id === sweep.id ? undefined : besideOf(sweep.definition, other.definition);
    if (!shared) return [];
    const imported = isImported(other);
    return [
      {
        id: other.id,
        name: other.definition.name,
        imported,
        matches: imported && !isImported(sweep) && shared.differing.length === 0,
        searched: [...shared.searched],
        metrics: [...shared.metrics],
        fixed: shared.fixed,
        differing: [...shared.differing],
        ...(shared.where !== undefined && { where: shared.where }),
      },
    ];
  });
  const rank = ({ matches, imported }: BesideSweep): number => Number(!matches) + Number(!imported);
  return { sweeps: found.sort((a, b) => rank(a) - rank(b)).slice(0, mostSweeps) };
}
