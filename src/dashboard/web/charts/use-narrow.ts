import { useEffect, useState } from 'preact/hooks';

/** Whether the page is as narrow as a phone: drawings have fewer units across then, so that their texts can be read. */
export function useNarrow(): boolean {
  const [query] = useState(() => matchMedia('(max-width: 600px)'));
  const [narrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const follow = () => setNarrow(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, [query]);
  return narrow;
}
