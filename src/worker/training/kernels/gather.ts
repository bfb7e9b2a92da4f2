import { activeModule } from './active-module.js';
import type { GatherRows } from './kernel-module.js';

/** Copies the rows of a batch out of every plane (step) of a data set, natively where that is there. */
export const gatherRows: GatherRows = (values, planes, width, rows, to) => {
  const gather = activeModule()?.gather ?? gatherPlainly;
  gather(values, planes, width, rows, to);
};

const gatherPlainly: GatherRows = (values, planes, width, rows, to) => {
  const plane = values.length / planes;
  const offsets = rows.map((row) => width * row);
  if (offsets.some((offset) => offset < 0 || offset + width > plane))
    throw new RangeError('a row to gather is not in the data');
  let at = 0;
  for (let start = 0; start < values.length; start += plane)
    for (let index = 0; index < offsets.length; index++) {
      let from = start + offsets[index]!;
      const end = at + width;
      // Three by three takes half the time of one by one.
      for (; at + 3 <= end; at += 3, from += 3) {
        to[at] = values[from]!;
        to[at + 1] = values[from + 1]!;
        to[at + 2] = values[from + 2]!;
      }
      for (; at < end; at++, from++) to[at] = values[from]!;
    }
};
