import { Router, json } from 'express';
import { z } from 'zod';
import { sweepActionSchema } from '../../sweep/steering/sweep-action.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { SweepList, TrialDetail } from '../api.js';
import { beside } from './answers/beside.js';
import { fleet } from './answers/workers.js';
import { openApi } from '../api/openapi.js';
import type { SweepControl } from './control.js';
import type { Feeds } from './feeds.js';
import { Lineages } from './lineages.js';
import { HttpError } from './http-error.js';
import { sameOrigin } from './security.js';
import type { SweepSummaries } from './sweep-summaries.js';
import { thin } from './thin.js';
import { submitRoute } from './submit-route.js';
import { sweepRoutes } from './sweep-routes.js';
import type { Tables } from './table/tables.js';
import { actionsOf, type SweepReader } from './views.js';

/** Reports in one answer, at most: no screen shows more points of a curve. */
const maxReports = 2000;

const number = z
  .string()
  // Number(' ') is 0.
  .regex(/^[0-9.-]+$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.int().nonnegative());
const noQuery = z.strictObject({});
const eventsQuery = z.strictObject({ after: number.default(0) });
export interface ApiParts {
  readonly store: SweepStore;
  readonly reader: SweepReader;
  readonly summaries: SweepSummaries;
  readonly feeds: Feeds;
  readonly tables: Tables;
  readonly control?: SweepControl | undefined;
}

/** `/api/v1`. Everything is read from the store at the time of asking; `docs/dashboard.md` describes it. */
export function apiRoutes({ store, reader, summaries, feeds, tables, control }: ApiParts): Router {
  const router = Router();
  const document = openApi('1');
  const lineages = new Lineages(store);

  async function find(reference: string): Promise<SweepRecord> {
    const sweep = await store.findSweep(reference);
    if (!sweep) throw new HttpError(404, `there is no sweep "${reference}"`);
    return sweep;
  }

  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  router.get('/sweeps', async (request, response) => {
    noQuery.parse(request.query);
    const list: SweepList = { sweeps: await summaries.list(), now: Date.now() };
    response.json(list);
  });

  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });

  router.get('/workers', async (request, response) => {
    noQuery.parse(request.query);
    response.json(await fleet(store, tables));
  });

  router.get('/events', (request, response) => {
    noQuery.parse(request.query);
    feeds.list(request, response);
  });

  router.get('/sweeps/:sweep', async (request, response) => {
    noQuery.parse(request.query);
    response.json(reader.view(await find(request.params.sweep)));
  });

  router.get('/sweeps/:sweep/events', async (request, response) => {
    const { after } = eventsQuery.parse(request.query);
    // What the browser says by itself when it comes back is newer than what is in the address.
    const last = number.safeParse(request.get('Last-Event-ID'));
    const { id } = await find(request.params.sweep);
    feeds.sweep(request, response, id, request.get('Last-Event-ID') && last.success ? last.data : after);
  });

  router.get('/sweeps/:sweep/live', async (request, response) => {
    noQuery.parse(request.query);
    feeds.live(request, response, (await find(request.params.sweep)).id);
  });

  router.get('/sweeps/:sweep/workers', async (request, response) => {
    noQuery.parse(request.query);
    const { id } = await find(request.params.sweep);
    response.json((await reader.state(id)).workers);
  });

  router.get('/sweeps/:sweep/beside', async (request, response) => {
    noQuery.parse(request.query);
    response.json(beside(await find(request.params.sweep), await store.listSweeps()));
  });

  sweepRoutes(router, { store, tables, find });
  submitRoute(router, control);

  router.get('/sweeps/:sweep/trials/:number', async (request, response) => {
    noQuery.parse(request.query);
    const sweep = await find(request.params.sweep);
    const { id } = sweep;
    const key = { sweepId: id, number: number.parse(request.params.number) };
    const trial = await store.trial(key);
    if (!trial) throw new HttpError(404, `sweep "${request.params.sweep}" has no trial ${key.number}`);
    const [attempts, reports, logs, decisions, lineage] = await Promise.all([
      store.attempts(key),
      store.reports(key),
      store.logsOf(id, [key.number]),
      store.decisions(id, key.number),
      lineages.of(sweep, trial),
    ]);
    const detail: TrialDetail = {
      trial,
      attempts,
      reports: thin(reports, maxReports),
      reportCount: reports.length,
      logs,
      decisions,
      ...(lineage && { lineage }),
    };
    response.json(detail);
  });

  router.use('/sweeps/:sweep/actions', sameOrigin, json({ limit: '16kb' }));
  router.post('/sweeps/:sweep/actions', async (request, response) => {
    // A form of another site can't send this type without asking first.
    if (!request.is('application/json')) {
      throw new HttpError(415, 'send application/json, e.g. {"action":"stop"}');
    }
    const action = sweepActionSchema.parse(request.body);
    const sweep = await find(request.params.sweep);
    if (!control) throw new HttpError(409, 'this dashboard only shows what is stored: it runs no sweep');
    if (!actionsOf(control, sweep).includes(action.action)) {
      const { definition, state } = sweep;
      throw new HttpError(409, `sweep "${definition.name}" is ${state}: it takes no "${action.action}" here`);
    }
    const { message } = await control.act(sweep.id, action, 'the dashboard');
    response.status(202).json({ message });
  });

  return router;
}
