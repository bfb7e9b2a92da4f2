import { useEffect, useRef, useState } from 'preact/hooks';
import type { ErrorBody } from '../../api.js';
import type { SweepModel } from './sweep-model.js';
import { useVersion } from './observable.js';

/** What the server said last to a question about a sweep. */
export interface Answer<T> {
  /** Stays while the next one is on its way, also where that is to another question. */
  readonly data?: T;
  /** The question that `data` answers. */
  readonly path?: string;
  /** Why there is no answer to the present question. */
  readonly error?: string;
  /** The present question is not answered yet. */
  readonly pending: boolean;
}

/** Between two answers to one question lies this many times what the last one took, so that a server keeps up. */
const restFactor = 5;
const leastRest = 300;

/**
 * Asks the server about a sweep: at once where the question changes, and again after the sweep has changed.
 * `follow: 'once'` is for what is too much work to follow every change. `path` follows `/api/v1/sweeps/<id>/`; where it is undefined nothing is asked.
 */
export function useAnswer<T extends { readonly revision: number }>(
  model: SweepModel,
  path: string | undefined,
  follow: 'always' | 'once' = 'always',
): Answer<T> {
  useVersion(model);
  const [answer, setAnswer] = useState<Answer<T> & { readonly revision: number }>({
    pending: true,
    revision: -1,
  });
  const [turn, setTurn] = useState(0);
  const asking = useRef<{ readonly path: string; readonly abort: AbortController } | undefined>(undefined);
  const rest = useRef<{ readonly path: string; readonly until: number } | undefined>(undefined);
  const revision = model.progress?.revision ?? 0;
  const isOld = answer.path !== path || (follow === 'always' && answer.revision < revision);
  const isAway = model.status.kind === 'lost';

  useEffect(() => {
    if (asking.current && asking.current.path !== path) {
      asking.current.abort.abort();
      asking.current = undefined;
    }
    // A server that is away is asked again when it is back.
    if (path === undefined || !isOld || isAway || asking.current) return;
    const wait = rest.current?.path === path ? rest.current.until - performance.now() : 0;
    if (wait > 0) {
      const timer = setTimeout(() => setTurn((n) => n + 1), wait);
      return () => clearTimeout(timer);
    }
    const abort = new AbortController();
    const begin = performance.now();
    asking.current = { path, abort };
    void ask<T>(`${model.base}/${path}`, abort.signal)
      .then(
        (data) => setAnswer({ data, path, revision: data.revision, pending: false }),
        (error: unknown) => {
          if (abort.signal.aborted || !(error instanceof Refusal)) return;
          const { message } = error;
          setAnswer(({ data }) => ({
            ...(data && { data }),
            path,
            revision,
            error: message,
            pending: false,
          }));
        },
      )
      .finally(() => {
        if (asking.current?.abort !== abort) return;
        asking.current = undefined;
        const now = performance.now();
        rest.current = { path, until: now + Math.max(leastRest, restFactor * (now - begin)) };
        setTurn((n) => n + 1);
      });
  }, [path, isOld, isAway, turn, revision]);
  useEffect(() => () => asking.current?.abort.abort(), []);
  return { ...answer, ...(answer.path !== path && { pending: true }) };
}

/** The server has understood, and won't. */
class Refusal extends Error {}

async function ask<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal });
  if (response.ok) return (await response.json()) as T;
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  const message = body?.error.message ?? `the server answered ${response.status}`;
  throw response.status < 500 ? new Refusal(message) : new Error(message);
}

/** `name?key=value&...`; a list gives its key several times, what is undefined none. */
export function question(
  name: string,
  query: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const each of typeof value === 'object' ? value : [value]) parameters.append(key, String(each));
  }
  return `${name}?${parameters.toString()}`;
}
