import { useEffect, useRef } from 'preact/hooks';
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
  const bar = useRef<HTMLElement>(null);
  // On a phone they do not all fit: the one that is chosen shall be among those that are seen.
  useEffect(() => {
    const chosen = bar.current?.querySelector<HTMLElement>('[aria-current]');
    if (bar.current && chosen)
      bar.current.scrollLeft =
        chosen.offsetLeft - bar.current.offsetLeft - (bar.current.clientWidth - chosen.offsetWidth) / 2;
  }, [tab]);
  return (
    <nav class="tabs" aria-label="Views of the sweep" ref={bar}>
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
