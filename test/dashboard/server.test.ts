import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDashboard, PortInUseError } from '../../src/dashboard/server/dashboard.js';
import type { ErrorBody, SweepList, SweepView, TrialDetail } from '../../src/dashboard/api.js';
import type { TrialsAnswer } from '../../src/dashboard/api/trials.js';
import { SweepState, type SweepRecord } from '../../src/store/sweep-store.js';
import { UsageError } from '../../src/support/errors.js';
import { fill } from './support/fill.js';
import { ServedStore } from './support/serve.js';
import { definition } from './support/sweeps.js';
import { requestWithHost } from './support/request-with-host.js';

let served: ServedStore;
let sweep: SweepRecord;
const stopped: { sweepId: string; by: string }[] = [];

beforeAll(async () => {
  served = await ServedStore.open({
    control: {
      offers: ({ state }) => (state === 'running' ? ['stop', 'priority'] : []),
      act: async (sweepId, action, by) => {
        if (action.action === 'priority') return { message: `priority: 1 -> ${action.priority}` };
        if (action.action !== 'stop') throw new UsageError('not here');
        stopped.push({ sweepId, by });
        await served.store.setSweepState(sweepId, SweepState.Stopped, `stopped by ${by}`);
        return { message: 'it stops' };
      },
    },
  });
  sweep = await served.store.createSweep({ definition: definition(), source: '' });
  await fill(served.store, sweep.id, [
    {
      parameters: { nhidden: 4, lr: 0.002, optimizer: 'adam' },
      metrics: { accuracy: 0.7, memory: 1000, time: 5 },
    },
    {
      parameters: { nhidden: 8, lr: 0.002, optimizer: 'adam' },
      metrics: { accuracy: 0.9, memory: 3000, time: 9 },
    },
    { parameters: { nhidden: 9, lr: 0.005, optimizer: 'adam' }, state: 'failed', metrics: { accuracy: 0.1 } },
    { parameters: { nhidden: 5, lr: 0.001, optimizer: 'adam' } },
  ]);
});
afterAll(() => served.close());

async function json<T>(path: string): Promise<T> {
  const response = await served.get(path);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

async function refusal(response: Response): Promise<{ status: number; message: string }> {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const { error } = (await response.json()) as ErrorBody;
  expect(error.status).toBe(response.status);
  return error;
}

describe('dashboard server - what it tells', () => {
  it('trials as CSV - a filter or column that is none is refused as everywhere', async () => {
    const whole = await served.get('/api/v1/sweeps/bowl/trials.csv');
    expect(whole.headers.get('content-type')).toMatch(/^text\/csv/);
    expect((await whole.text()).split('\n')[0]).toMatch(/^number,state,.*accuracy/);
    for (const query of ['where=%00', 'where=nonsense+>+1', 'sort=nonsense']) {
      const { status } = await refusal(await served.get(`/api/v1/sweeps/bowl/trials.csv?${query}`));
      expect(status, query).toBe(400);
    }
  });

  it('lists sweeps with counts, what is planned and the best so far', async () => {
    const { sweeps } = await json<SweepList>('/api/v1/sweeps');
    expect(sweeps).toHaveLength(1);
    expect(sweeps[0]).toMatchObject({
      id: sweep.id,
      name: 'bowl',
      state: 'running',
      trainable: 'har',
      planned: 100,
      counts: { completed: 2, failed: 1, queued: 1 },
      best: { value: 0.9, parameters: { nhidden: 8 }, feasible: true },
      selectsOnTest: false,
    });
  });

  it('ranks by the mean of replicates, and feasible configurations first', async () => {
    const limited = await served.store.createSweep({
      definition: definition({
        name: 'limited',
        replicates: 2,
        limits: ['memory <= 2000'],
        fixed: { selectOn: 'test' },
      }),
      source: '',
    });
    const trial = (configuration: number, replicate: number, accuracy: number, memory: number) => ({
      configuration,
      replicate,
      parameters: { nhidden: configuration + 1 },
      metrics: { accuracy, memory },
    });
    await fill(served.store, limited.id, [
      trial(0, 0, 0.6, 1000),
      trial(0, 1, 0.9, 1000),
      trial(1, 0, 0.8, 1500),
      trial(1, 1, 0.8, 1500),
      trial(2, 0, 0.99, 9000),
      trial(2, 1, 0.99, 9000),
    ]);
    const { sweeps } = await json<SweepList>('/api/v1/sweeps');
    expect(sweeps.find(({ id }) => id === limited.id)).toMatchObject({
      selectsOnTest: true,
      best: { value: 0.8, replicates: 2, parameters: { nhidden: 2 }, feasible: true },
    });
  });

  it('gives a sweep by id and by name', async () => {
    const byId = await json<SweepView>(`/api/v1/sweeps/${sweep.id}`);
    expect(byId).toMatchObject({ id: sweep.id, planned: 100, actions: ['stop', 'priority'] });
    expect(await json('/api/v1/sweeps/bowl')).toEqual(byId);
  });

  it('gives trials by state, in the order of a column, a page at a time', async () => {
    const page = async (query: string) => {
      const { total, trials } = await json<TrialsAnswer>(`/api/v1/sweeps/bowl/trials${query}`);
      return [total, ...trials.map(({ number }) => number)];
    };
    expect(await page('')).toEqual([4, 0, 1, 2, 3]);
    expect(await page('?state=completed&sort=-metric:accuracy')).toEqual([2, 1, 0]);
    expect(await page('?sort=-number&limit=2&offset=1')).toEqual([4, 2, 1]);
    expect(await page('?where=nhidden+>+4+%26%26+state+!=+"queued"')).toEqual([2, 1, 2]);
  });

  it('gives a trial with its attempts and reports', async () => {
    const detail = await json<TrialDetail>('/api/v1/sweeps/bowl/trials/2');
    expect(detail.trial).toMatchObject({ number: 2, state: 'failed', failure: { class: 'trial' } });
    expect(detail.attempts).toMatchObject([{ attempt: 1, workerId: 'worker-a', outcome: 'failed' }]);
    expect(detail).toMatchObject({ reportCount: 1, reports: [{ step: 1, metrics: { accuracy: 0.1 } }] });
  });
});

describe('dashboard server - what it refuses', () => {
  const bad: [path: string, status: number, text: RegExp][] = [
    ['/api/v1/sweeps/nowhere', 404, /no sweep "nowhere"/],
    ['/api/v1/sweeps/nowhere/events', 404, /no sweep "nowhere"/],
    ['/api/v1/sweeps/bowl/trials/99', 404, /"bowl" has no trial 99/],
    ['/api/v1/sweeps/bowl/trials/1.5', 400, /int/],
    ['/api/v1/sweeps/bowl/trials/%20', 400, /whole number/],
    ['/api/v1/sweeps/bowl/trials/0x2', 400, /whole number/],
    ['/api/v1/sweeps/bowl/events?after=', 400, /after/],
    ['/api/v1/sweeps/bowl/trials?limit=0', 400, /limit/],
    ['/api/v1/sweeps/bowl/trials?limit=1001', 400, /limit/],
    ['/api/v1/sweeps/bowl/trials?offset=-1', 400, /offset/],
    ['/api/v1/sweeps/bowl/trials?limit=2&limit=3', 400, /limit/],
    ['/api/v1/sweeps/bowl/trials?state=done', 400, /state/],
    ['/api/v1/sweeps/bowl/trials?page=2', 400, /page/],
    ['/api/v1/sweeps/bowl/trials?sort=weight', 400, /"bowl" has no column "weight"/],
    ['/api/v1/sweeps/bowl/trials?where=lr+>', 400, /where: /],
    ['/api/v1/sweeps/bowl/points?y=number', 400, /x/],
    ['/api/v1/sweeps/nowhere/live', 404, /no sweep "nowhere"/],
    ['/api/v1/sweeps/bowl/events?after=x', 400, /after/],
    ['/api/v1/sweeps/%E0%A4%A', 400, /decode/i],
    ['/api/v1/nothing', 404, /nothing at GET/],
    ['/api/v2/sweeps', 404, /nothing at GET/],
    ['/nothing.html', 404, /nothing at GET/],
  ];
  it.each(bad)('%s: %i', async (path, status, text) => {
    const error = await refusal(await served.get(path));
    expect(error.status).toBe(status);
    expect(error.message).toMatch(text);
  });

  it('a Host header that is not its own (DNS rebinding)', async () => {
    expect(await requestWithHost(served.url, 'evil.example')).toMatchObject({ status: 421 });
    expect(await requestWithHost(served.url, `evil.example:${served.port}`)).toMatchObject({ status: 421 });
    expect(await requestWithHost(served.url, 'localhost:1234')).not.toMatchObject({ status: 421 });
  });

  it('a port in use, and a host beyond this machine without a token', async () => {
    const options = { store: served.store, port: served.port };
    const inUse = createDashboard(options);
    await expect(inUse).rejects.toThrow(PortInUseError);
    await expect(inUse).rejects.toThrow(`port ${served.port} on 127.0.0.1 is in use`);
    await expect(createDashboard({ ...options, host: '0.0.0.0', port: 0 })).rejects.toThrow(UsageError);
  });
});

describe('dashboard server - headers', () => {
  it('lets the page load nothing but its own files', async () => {
    const { headers } = await served.get('/api/v1/sweeps');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('dashboard server - actions', () => {
  const url = '/api/v1/sweeps/bowl/actions';
  const act = (init: RequestInit = {}) =>
    served.get(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"action":"stop"}',
      ...init,
    });

  it('refuses what a page elsewhere could send', async () => {
    const elsewhere = { 'content-type': 'application/json', origin: 'http://evil.example' };
    expect((await refusal(await act({ headers: elsewhere }))).status).toBe(403);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await refusal(await act({ headers: form, body: 'reason=x' }))).status).toBe(415);
    expect((await refusal(await act({ body: '{"action":' }))).status).toBe(400);
    expect((await refusal(await act({ body: '{"action":"stop","reson":"x"}' }))).message).toMatch(/reson/);
    expect(
      (await refusal(await act({ body: JSON.stringify({ action: 'stop', reason: 'x'.repeat(20_000) }) })))
        .status,
    ).toBe(413);
    expect((await refusal(await act({ body: '{"action":"explode"}' }))).status).toBe(400);
    expect((await refusal(await act({ body: '{"action":"resume"}' }))).status).toBe(409);
    expect(stopped).toEqual([]);
  });

  it('asks the coordinator, once', async () => {
    const priority = await act({ body: '{"action":"priority","priority":2}' });
    expect(await priority.json()).toEqual({ message: 'priority: 1 -> 2' });
    const response = await act({ body: '{"action":"stop"}' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ message: 'it stops' });
    expect(stopped).toEqual([{ sweepId: sweep.id, by: 'the dashboard' }]);
    const again = await refusal(await act());
    expect(again).toEqual({ status: 409, message: 'sweep "bowl" is stopped: it takes no "stop" here' });
  });

  it('offers nothing without a coordinator', async () => {
    const only = await createDashboard({ store: served.store, port: 0 });
    try {
      const view = (await (await fetch(new URL('/api/v1/sweeps/limited', only.url))).json()) as SweepView;
      expect(view).toMatchObject({ state: 'running', actions: [] });
      const response = await fetch(new URL('/api/v1/sweeps/limited/actions', only.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"action":"stop"}',
      });
      expect((await refusal(response)).message).toContain('only shows what is stored');
    } finally {
      await only.close();
    }
  });
});

describe('dashboard server - token', () => {
  it('shows nothing without it, and keeps it in a cookie that scripts cannot read', async () => {
    const guarded = await ServedStore.open({ host: '0.0.0.0', token: 'a b&c' });
    try {
      const base = `http://127.0.0.1:${guarded.port}`;
      expect((await refusal(await fetch(`${base}/api/v1/sweeps`))).status).toBe(401);
      expect((await refusal(await fetch(`${base}/`))).status).toBe(401);
      expect((await refusal(await fetch(`${base}/?token=wrong`))).status).toBe(401);
      const bearer = { headers: { authorization: 'Bearer a b&c' } };
      expect((await fetch(`${base}/api/v1/sweeps`, bearer)).status).toBe(200);

      const address = new URL(guarded.url);
      const entry = await fetch(`${base}${address.pathname}${address.search}`, { redirect: 'manual' });
      expect(entry.status).toBe(303);
      expect(entry.headers.get('location')).toBe('/');
      const cookie = entry.headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
      const headers = { cookie: cookie.split(';', 1)[0] ?? '' };
      expect((await fetch(`${base}/api/v1/sweeps`, { headers })).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});
