import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SweepRecord } from '../../src/store/sweep-store.js';
import { createDashboard } from '../../src/dashboard/server/dashboard.js';
import { fill } from './support/fill.js';
import { ServedStore } from './support/serve.js';
import { definition } from './support/sweeps.js';

let served: ServedStore;
let sweep: SweepRecord;

beforeAll(async () => {
  served = await ServedStore.open();
  sweep = await served.store.createSweep({ definition: definition(), source: '' });
  const parameters = { nhidden: 4, lr: 0.002, optimizer: 'adam' };
  await fill(served.store, sweep.id, [
    { parameters, metrics: { accuracy: 0.7, memory: 1000, time: 5 } },
    { parameters, metrics: { accuracy: 0.8, memory: 1000, time: 5 } },
    { parameters, state: 'failed', metrics: {} },
  ]);
  await served.store.addUsage(sweep.id, { seconds: 12.5, slotSeconds: 20 });
  const worker = {
    host: 'lab "7"',
    pool: 'default',
    backend: 'wasm',
    device: 'x',
    memoryBytes: 1,
    startedAt: 1,
    seenAt: 2,
  };
  await served.store.recordWorkers([
    { ...worker, id: 'w1', state: 'running', slots: 4, busy: 3 },
    { ...worker, id: 'w2', state: 'lost', slots: 2, busy: 0 },
  ]);
});
afterAll(() => served.close());

it('metrics - tell Prometheus of trials, usage and workers', async () => {
  const response = await served.get('/metrics');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  const lines = (await response.text()).split('\n');
  const name = sweep.definition.name;
  const label = `sweep="${name}",id="${sweep.id}"`;
  expect(lines).toContain(`sweepyard_trials{${label},state="completed"} 2`);
  expect(lines).toContain(`sweepyard_trials{${label},state="failed"} 1`);
  expect(lines).toContain(`sweepyard_sweep_seconds{${label}} 12.5`);
  expect(lines).toContain('sweepyard_workers{pool="default",state="running"} 1');
  expect(lines).toContain('sweepyard_workers{pool="default",state="lost"} 1');
  expect(lines).toContain('sweepyard_worker_busy_slots{worker="w1",host="lab \\"7\\"",pool="default"} 3');
  expect(lines.some((line) => line.includes('worker="w2"'))).toBe(false);
  expect(lines).toContain('# TYPE sweepyard_trials gauge');
});

it('health - answers anyone who can connect, and tells nothing; metrics ask for the token', async () => {
  const guarded = await createDashboard({ store: served.store, port: 0, token: 'secret' });
  try {
    const base = new URL(guarded.url).origin;
    const health = await fetch(`${base}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    expect((await fetch(`${base}/metrics`)).status).toBe(401);
    const headers = { authorization: 'Bearer secret' };
    expect((await fetch(`${base}/metrics`, { headers })).status).toBe(200);
  } finally {
    await guarded.close();
  }
});
