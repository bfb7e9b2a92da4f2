/**
 * What the address says: `#/` is the list, `#/sweeps/<id>/<tab>?x=lr&...` a sweep and how to look at it,
 * `#/compare?sweeps=a,b` several, `#/workers` who trains. It is in the fragment, so every view can be kept and sent
 * on, and the server need not know of views.
 */
export type Route =
  | { readonly page: 'list' }
  | { readonly page: 'workers' }
  | { readonly page: 'compare'; readonly sweeps: readonly string[] }
  | { readonly page: 'sweep'; readonly sweepId: string; readonly tab: Tab; readonly view: ViewState };

/** Ways to look at a sweep, in the order of their tabs. */
export const tabs = [
  'overview',
  'trade-offs',
  'parallel',
  'importance',
  'slices',
  'curves',
  'distributions',
  'timeline',
  'trials',
  'workers',
] as const;
export type Tab = (typeof tabs)[number];

/** What was chosen in the views of a sweep. What is absent follows from the sweep. */
export interface ViewState {
  /** Parameter on the x axis of the metric charts, or of the map. */
  readonly x?: string;
  /** Parameter on the y axis of the map, or metric on that of trade-offs. */
  readonly y?: string;
  /** Metric that a view is about. */
  readonly metric?: string;
  /** Parameter or metric that colours the points; empty: none. */
  readonly colour?: string;
  /** Sweep whose results are drawn beside; empty: none, absent: an imported one that matches. */
  readonly beside?: string;
  /** Metrics that have a chart. */
  readonly metrics?: readonly string[];
  /** What best so far is drawn over; absent: trials. */
  readonly over?: string;
  /** Only trials for which this expression is true, in every view. */
  readonly where?: string;
  /** Column that the trials are sorted by, with a leading `-` for descending. */
  readonly sort?: string;
  /** State that the table of trials shows alone. */
  readonly state?: string;
  /** Columns of the table of trials. */
  readonly columns?: readonly string[];
  /** Trials chosen to be compared. */
  readonly select?: readonly string[];
  /** Trial that is open. */
  readonly trial?: number;
}

const texts = ['x', 'y', 'metric', 'colour', 'beside', 'over', 'where', 'sort', 'state'] as const;
const lists = ['metrics', 'columns', 'select'] as const;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#/, ''));
  const parameters = new URLSearchParams(query);
  if (path === '/workers') return { page: 'workers' };
  if (path === '/compare') return { page: 'compare', sweeps: listOf(parameters.get('sweeps') ?? '') };
  const [, id, tab] = /^\/sweeps\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (id === undefined) return { page: 'list' };
  const trial = Number(parameters.get('trial') ?? NaN);
  const view: ViewChange = {
    ...Object.fromEntries(texts.map((name) => [name, parameters.get(name) ?? undefined])),
    ...Object.fromEntries(lists.map((name) => [name, given(parameters.get(name))])),
    trial: Number.isSafeInteger(trial) && trial >= 0 ? trial : undefined,
  };
  return {
    page: 'sweep',
    sweepId: decodeSafely(id),
    tab: tabs.find((known) => known === tab) ?? 'overview',
    view: withoutUndefined(view),
  };
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'list':
      return '#/';
    case 'workers':
      return '#/workers';
    case 'compare':
      return `#/compare?sweeps=${route.sweeps.map(encodeURIComponent).join(',')}`;
    case 'sweep': {
      const { sweepId, tab, view } = route;
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(view)) parameters.set(name, String(value));
      const query = parameters.toString();
      const path = `#/sweeps/${encodeURIComponent(sweepId)}${tab === 'overview' ? '' : `/${tab}`}`;
      return `${path}${query && `?${query}`}`;
    }
  }
}

export type ViewChange = { readonly [K in keyof ViewState]?: ViewState[K] | undefined };

export function withoutUndefined(view: ViewChange): ViewState {
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined));
}

/** What one keeps when one goes to another tab: which trials and sweeps it is about, and not how they are drawn. */
export function carriedOn({ where, select, beside }: ViewState): ViewState {
  return withoutUndefined({ where, select, beside });
}

function given(text: string | null): string[] | undefined {
  return text === null ? undefined : listOf(text);
}

function listOf(text: string): string[] {
  return text.split(',').filter(Boolean);
}

function splitOnce(text: string): [string, string?] {
  const at = text.indexOf('?');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
