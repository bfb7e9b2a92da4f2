import { Router } from 'express';
import { Gauge, Registry } from 'prom-client';
import type { SweepStore } from '../../store/sweep-store.js';
import { messageOf } from '../../support/errors.js';

/** Sweeps that are told of: those that run, and the newest others. */
const mostSweeps = 100;

/** `/healthz`, for whoever restarts what does not answer: 200 where the store can be read, else 503. */
export function healthRoute(store: SweepStore): Router {
  const router = Router();
  router.get('/healthz', async (_request, response) => {
    response.set('Cache-Control', 'no-store');
    try {
      await store.listWorkers();
      response.json({ status: 'ok' });
    } catch (error) {
      response.status(503).json({ status: 'the store cannot be read', message: messageOf(error) });
    }
  });
  return router;
}

/** `/metrics` in the text format of Prometheus, read from the store at the time of asking. */
export function metricsRoute(store: SweepStore): Router {
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    const registry = await collect(store);
    response
      .set('Cache-Control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics());
  });
  return router;
}

async function collect(store: SweepStore): Promise<Registry> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[]): Gauge =>
    new Gauge({ name: `sweepyard_${name}`, help, labelNames, registers: [registry] });
  const trials = gauge('trials', 'Trials by state.', ['sweep', 'id', 'state']);
  const running = gauge('sweep_running', '1 while the sweep is running, else 0.', ['sweep', 'id']);
  const seconds = gauge('sweep_seconds', 'Seconds in which a coordinator ran it.', ['sweep', 'id']);
  const slotSeconds = gauge('sweep_slot_seconds', 'Seconds that slots trained for it.', ['sweep', 'id']);
  const workers = gauge('workers', 'Workers by state.', ['pool', 'state']);
  const slots = gauge('worker_slots', 'Slots of a worker that runs or drains.', ['worker', 'host', 'pool']);
  const busy = gauge('worker_busy_slots', 'Slots of it that train.', ['worker', 'host', 'pool']);

  const sweeps = await store.listSweeps();
  const told = [
    ...sweeps.filter(({ state }) => state === 'running'),
    ...sweeps.filter(({ state }) => state !== 'running'),
  ].slice(0, mostSweeps);
  for (const { id, definition, state, usage } of told) {
    const labels = { sweep: definition.name, id };
    running.set(labels, state === 'running' ? 1 : 0);
    seconds.set(labels, usage.seconds);
    slotSeconds.set(labels, usage.slotSeconds);
    for (const [name, count] of Object.entries(await store.countTrials(id)))
      trials.set({ ...labels, state: name }, count);
  }
  for (const worker of await store.listWorkers()) {
    const { id, host, pool, state } = worker;
    workers.inc({ pool, state });
    if (state !== 'running' && state !== 'draining') continue;
    slots.set({ worker: id, host, pool }, worker.slots);
    busy.set({ worker: id, host, pool }, worker.busy);
  }
  return registry;
}
