/**
 * What the address says: `#/` is the list, `#/sweeps/<id>?x=lr&...` a sweep and how to look at it. It is in the
 * fragment, so every view can be kept and sent on, and the server need not know of views.
 */
export interface Route {
  readonly sweepId?: string;
  readonly view: ViewState;
}

/** How one looks at a sweep. What is absent follows from the sweep. */
export interface ViewState {
  /** Parameter on the x axis of the metric charts. */
  readonly x?: string;
  /** Parameter that colours the points; empty: none. */
  readonly colour?: string;
  /** Metrics that have a chart. */
  readonly metrics?: readonly string[];
  /** What best so far is drawn over; absent: trials. */
  readonly over?: 'time';
  /** Only trials for which this expression is true. */
  readonly where?: string;
  /** Column that the trials are sorted by, with a leading `-` for descending. */
  readonly sort?: string;
  /** State that the table of trials shows alone. */
  readonly state?: string;
  /** Trial whose curve is open. */
  readonly trial?: number;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const id = /^\/sweeps\/([^/]+)$/.exec(path)?.[1];
  if (id === undefined) return { view: {} };
  const parameters = new URLSearchParams(query);
  const text = (name: string) => parameters.get(name) ?? undefined;
  const trial = Number(text('trial') ?? NaN);
  return {
    sweepId: decodeSafely(id),
    view: withoutUndefined({
      x: text('x'),
      colour: text('colour'),
      metrics: text('metrics')?.split(',').filter(Boolean),
      sort: text('sort'),
      state: text('state'),
      over: text('over') === 'time' ? 'time' : undefined,
      where: text('where'),
      trial: Number.isSafeInteger(trial) && trial >= 0 ? trial : undefined,
    }),
  };
}

export function formatRoute({ sweepId, view }: Route): string {
  if (sweepId === undefined) return '#/';
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) parameters.set(name, String(value));
  const query = parameters.toString();
  return `#/sweeps/${encodeURIComponent(sweepId)}${query && `?${query}`}`;
}

export type ViewChange = { readonly [K in keyof ViewState]?: ViewState[K] | undefined };

export function withoutUndefined(view: ViewChange): ViewState {
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined));
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
