import { draws, prospects, type Prospects } from '../../analysis/best.js';
import type { Summary } from '../../sweep/objective.js';
import type { Direction } from '../../sweep/sweep-definition.js';
import type { TrialHistory } from '../search/sampler.js';

/** While the search goes on it matters little which of two equals gets a seed first: a standard error of 0.016 will do. */
const drawsInSearch = draws / 4;

interface Found {
  readonly summaries: readonly Summary[];
  readonly direction: Direction;
  readonly count: number;
  readonly prospects: Prospects | undefined;
}

/** The last answer for each history. A plan is made whenever a trial starts or ends, and most of them bring no result. */
const lastFound = new WeakMap<TrialHistory, Found>();

/** `prospects` of those that race, worked out again only where a result has come: the same summaries give the same answer. */
export function racingProspects(
  history: TrialHistory,
  summaries: readonly Summary[],
  direction: Direction,
  isEnd: boolean,
): Prospects | undefined {
  const count = isEnd ? draws : drawsInSearch;
  const last = lastFound.get(history);
  if (last?.direction === direction && last.count === count && isSame(last.summaries, summaries))
    return last.prospects;
  const found = prospects(summaries, direction, undefined, count);
  lastFound.set(history, { summaries, direction, count, prospects: found });
  return found;
}

function isSame(a: readonly Summary[], b: readonly Summary[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ n, mean, spread }, i) => n === b[i]?.n && mean === b[i].mean && spread === b[i].spread)
  );
}
