import { useRoute } from './use-route.js';
import { ComparePage } from './views/compare-page.js';
import { SweepListPage } from './views/sweep-list-page.js';
import { SweepPage } from './views/sweep-page.js';
import { WorkersPage } from './views/workers-page.js';

export function App() {
  const [route, changeView] = useRoute();
  switch (route.page) {
    case 'list':
      return <SweepListPage />;
    case 'workers':
      return <WorkersPage />;
    case 'compare':
      return <ComparePage key={route.sweeps.join()} ids={route.sweeps} />;
    case 'sweep':
      return (
        <SweepPage
          key={route.sweepId}
          sweepId={route.sweepId}
          tab={route.tab}
          view={route.view}
          onView={changeView}
        />
      );
  }
}
