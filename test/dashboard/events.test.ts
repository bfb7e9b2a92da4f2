import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SweepList, SweepView, TrialView, WorkerRecord } from '../../src/dashboard/api.js';
import type { SweepRecord } from '../../src/store/sweep-store.js';
import { EventReader } from './support/event-reader.js';
import { fill, report } from './support/fill.js';
import { ServedStore } from './support/serve.js';
import { stalledClient } from './support/stalled-client.js';
import { definition } from './support/sweeps.js';

let served: ServedStore;
let sweep: SweepRecord;
const readers: EventReader[] = [];

beforeEach(async () => {
  served = await ServedStore.open({ heartbeatInterval: 100 });
  sweep = await served.store.createSweep({ definition: definition(), source: '' });
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await served.close();
});

async function listen(path: string, headers?: Record<string, string>): Promise<EventReader> {
  const reader = new EventReader();
  readers.push(reader);
  const response = await reader.connect(new URL(path, served.url), headers);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return reader;
}

const events = (query = '') => `/api/v1/sweeps/${sweep.id}/events${query}`;
const point = (nhidden: number, accuracy?: number) => ({
  parameters: { nhidden },
  ...(accuracy !== undefined && { metrics: { accuracy } }),
});

it('dashboard events - first what is stored, sweep before trials, then ready, then what changes', async () => {
  await fill(served.store, sweep.id, [point(1, 0.5), point(2)]);
  const reader = await listen(events());
  const [first, ...rest] = await reader.until('ready');
  expect(first).toMatchObject({ name: 'sweep', data: { id: sweep.id, state: 'running' } });
  const stored = rest.filter(({ name }) => name === 'trials').flatMap(({ data }) => data as TrialView[]);
  expect(stored.map(({ number, state }) => [number, state])).toEqual(
    expect.arrayContaining([
      [0, 'completed'],
      [1, 'queued'],
    ]),
  );
  await fill(served.store, sweep.id, [point(3, 0.8)], 2);
  expect((await reader.next('trials')).data).toMatchObject([{ number: 2, parameters: { nhidden: 3 } }]);
});

it('dashboard events - the sweep and its workers, when they change', async () => {
  const reader = await listen(events());
  await reader.until('ready');
  const worker: WorkerRecord = {
    id: 'worker-a',
    host: 'here',
    pool: 'default',
    state: 'running',
    slots: 2,
    busy: 1,
    backend: 'wasm',
    device: 'cpu',
    memoryBytes: 1e9,
    startedAt: Date.now(),
    seenAt: Date.now(),
  };
  await served.store.recordWorkers([worker, { ...worker, id: 'elsewhere', pool: 'gpu' }]);
  expect((await reader.next('workers')).data).toEqual([worker]);
  await served.store.setSweepState(sweep.id, 'completed', 'all trials are done');
  expect((await reader.next('sweep')).data as SweepView).toMatchObject({
    state: 'completed',
    reason: 'all trials are done',
  });
});

it.each(['in the address', 'as Last-Event-ID'])(
  'dashboard events - resume after the revision %s without what was seen, and without a gap',
  async (where) => {
    await fill(served.store, sweep.id, [point(1, 0.5), point(2, 0.6)]);
    const before = await listen(events());
    const seen = (await before.until('ready')).findLast(({ name }) => name === 'trials')?.id ?? '';
    before.close();
    expect(Number(seen)).toBeGreaterThan(0);
    await fill(served.store, sweep.id, [point(3, 0.7)], 2);

    const after = await (where === 'in the address'
      ? listen(events(`?after=${seen}`))
      : listen(events(), { 'Last-Event-ID': seen }));
    const missed = (await after.until('ready')).filter(({ name }) => name === 'trials');
    expect(missed.flatMap(({ data }) => data as TrialView[]).map(({ number }) => number)).toEqual([2]);
  },
);

it('dashboard events - a revision that this database has not reached starts from the beginning', async () => {
  await fill(served.store, sweep.id, [point(1, 0.5)]);
  const lost = await listen(events('?after=4000'));
  const trials = (await lost.until('ready')).filter(({ name }) => name === 'trials');
  expect(trials).toHaveLength(1);
  // It must not hold up the others either.
  const other = await listen(events());
  await other.until('ready');
  await fill(served.store, sweep.id, [point(2, 0.6)], 1);
  for (const reader of [lost, other]) {
    expect((await reader.next('trials')).data).toMatchObject([{ number: 1 }]);
  }
});

it('dashboard events - clients that come at any time all end with the same trials', async () => {
  const known: Map<number, string>[] = [];
  const follow = async (reader: EventReader) => {
    const trials = new Map<number, string>();
    known.push(trials);
    while (trials.size < 60 || [...trials.values()].some((state) => state !== 'completed')) {
      for (const { number, state } of (await reader.next('trials')).data as TrialView[])
        trials.set(number, state);
    }
  };
  const following: Promise<void>[] = [];
  for (let first = 0; first < 60; first += 10) {
    following.push(follow(await listen(events())));
    const batch = Array.from({ length: 10 }, (_, i) => point(first + i, 0.5));
    await fill(served.store, sweep.id, batch, first);
  }
  await Promise.all(following);
  expect(known).toHaveLength(6);
});

it('dashboard events - a client that does not read gets the last state, not everything between', async () => {
  const padding = 'x'.repeat(40_000);
  const big = Array.from({ length: 150 }, (_, i) => ({
    parameters: { nhidden: i, padding },
    metrics: { accuracy: 0.5 },
    state: 'running' as const,
  }));
  await fill(served.store, sweep.id, big);
  const client = await stalledClient(served.port, events());
  const quick = await listen(events());
  await quick.until('ready');
  const rounds = 8;
  for (let round = 2; round <= rounds; round++) {
    await report(served.store, sweep.id, big.length, round, { accuracy: round });
    // The one that reads is not held up by the one that does not.
    await quick.next('trials');
  }
  const text = await client.readUntil(
    (soFar) => soFar.includes(`"accuracy":${rounds}}`) && soFar.endsWith('\n\n'),
  );
  const snapshot = big.length * padding.length;
  expect(text.length).toBeGreaterThan(snapshot);
  expect(text.length).toBeLessThan(5 * snapshot);
}, 60_000);

it('dashboard events - signs of life where nothing happens', async () => {
  const reader = await listen(events());
  await reader.until('ready');
  const { data } = await reader.next('heartbeat');
  expect(Math.abs((data as { now: number }).now - Date.now())).toBeLessThan(10_000);
});

it('dashboard events - the list of sweeps, again when something in it changed', async () => {
  const reader = await listen('/api/v1/events');
  const names = async () =>
    ((await reader.next('sweeps')).data as SweepList).sweeps.map(({ name, counts }) => [
      name,
      counts.completed,
    ]);
  expect(await names()).toEqual([['bowl', 0]]);
  await fill(served.store, sweep.id, [point(1, 0.5)]);
  let latest = await names();
  while (latest[0]?.[1] === 0) latest = await names();
  expect(latest).toEqual([['bowl', 1]]);
  await served.store.createSweep({ definition: definition({ name: 'second' }), source: '' });
  expect(await names()).toEqual([
    ['second', 0],
    ['bowl', 1],
  ]);
});

it('dashboard events - closing the dashboard ends the streams', async () => {
  const reader = await listen(events());
  await reader.until('ready');
  await served.stopServer();
  await expect(reader.next('never')).rejects.toThrow();
  await served.startServer(0);
});

it('dashboard events - HEAD is answered and done with: its connection is free for what comes next', async () => {
  const { host, hostname, port } = new URL(served.url);
  for (const path of ['/api/v1/events', events(), `/api/v1/sweeps/${sweep.id}/live`]) {
    const socket = connect(Number(port), hostname);
    socket.write(`HEAD ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answers = (await text(socket)).match(/^HTTP\/1\.1 \d+/gm);
    expect(answers, path).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
  }
});
