import { useRoute } from './use-route.js';
import { SweepListPage } from './views/sweep-list-page.js';
import { SweepPage } from './views/sweep-page.js';

export function App() {
  const [{ sweepId, view }, changeView] = useRoute();
  return sweepId === undefined ? (
    <SweepListPage />
  ) : (
    <SweepPage key={sweepId} sweepId={sweepId} view={view} onView={changeView} />
  );
}
