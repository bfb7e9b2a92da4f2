import { carriedOn, formatRoute, tabs, type Tab, type ViewState } from '../routing.js';

const names: Readonly<Record<Tab, string>> = {
  overview: 'Overview',
  'trade-offs': 'Trade-offs',
  parallel: 'Parallel',
  importance: 'Importance',
  slices: 'Slices',
  curves: 'Curves',
  distributions: 'Distributions',
  timeline: 'Timeline',
  trials: 'Trials',
  workers: 'Workers',
};

interface TabsProps {
  readonly sweepId: string;
  readonly tab: Tab;
  readonly view: ViewState;
}

/** The ways to look at a sweep: links, so that each can be kept, sent on, and gone back from. */
export function Tabs({ sweepId, tab, view }: TabsProps) {
  return (
    <nav class="tabs" aria-label="Views of the sweep">
      {tabs.map((each) => (
        <a
          key={each}
          href={formatRoute({ page: 'sweep', sweepId, tab: each, view: carriedOn(view) })}
          aria-current={each === tab ? 'page' : undefined}
        >
          {names[each]}
        </a>
      ))}
    </nav>
  );
}
