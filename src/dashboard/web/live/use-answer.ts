import { useEffect, useRef, useState } from 'preact/hooks';
import type { ErrorBody } from '../../api.js';
import { addressOf, type SweepModel } from './sweep-model.js';
import { useVersion } from './observable.js';

/** What the server said last to a question about a sweep. */
export interface Answer<T> {
  /** Stays while the next one is on its way, also where that is to another question. */
  readonly data?: T;
  /** The address of the question that `data` answers. */
  readonly path?: string;
  /** Why there is no answer to the present question. */
  readonly error?: string;
  /** The present question is not answered yet. */
  readonly pending: boolean;
}

/** Between two answers to one question lies this many times what the last one took, so that a server keeps up. */
const restFactor = 5;
const leastRest = 300;

export interface AskOptions {
  /** `once`: what is too much work to follow every change, or does not change with the sweep. @default 'always' */
  readonly follow?: 'always' | 'once';
  /** The id of another sweep that is asked about, once. @default that of the model */
  readonly of?: string | undefined;
}

/**
 * Asks the server about a sweep: at once where the question changes, and again after the sweep has changed.
 * `about` follows `/api/v1/sweeps/<id>/`; where it is undefined nothing is asked.
 */
export function useAnswer<T extends object>(
  model: SweepModel,
  about: string | undefined,
  { of, follow = of === undefined ? 'always' : 'once' }: AskOptions = {},
): Answer<T> {
  useVersion(model);
  const base = of === undefined ? model.base : addressOf(of);
  const path = about === undefined ? undefined : `${base}/${about}`;
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
    void ask<T>(path, abort.signal)
      .then(
        (data) => setAnswer({ data, path, revision: revisionOf(data) ?? revision, pending: false }),
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

/** Answers about all trials say which revision they are of. */
function revisionOf(data: object): number | undefined {
  return 'revision' in data && typeof data.revision === 'number' ? data.revision : undefined;
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
