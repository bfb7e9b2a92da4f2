import { useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, withoutUndefined, type Route, type ViewChange } from './routing.js';

/** The present route, and a way to change the view: `undefined` takes a choice back. */
export function useRoute(): [Route, (change: ViewChange) => void] {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const change = (wanted: ViewChange) => {
    const current = parseRoute(location.hash);
    if (current.page !== 'sweep') return;
    const next = { ...current, view: withoutUndefined({ ...current.view, ...wanted }) };
    // A choice in a view is no step to go back over.
    history.replaceState(null, '', formatRoute(next));
    setRoute(next);
  };
  return [route, change];
}
