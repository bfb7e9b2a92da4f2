import type { SweepRecord } from './sweep-store.js';

/** How the source of a sweep begins whose results were not trained here. */
export const importedMark = '# imported from ';

/** Whether its results come from elsewhere (`coordinator import`). */
export function isImported({ source }: Pick<SweepRecord, 'source'>): boolean {
  return source.startsWith(importedMark);
}
