import { pipeline } from 'node:stream/promises';
import type { Request, Response, Router } from 'express';
import type { z } from 'zod';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { bestQuery, frontQuery, historyQuery, pointsQuery, slicesQuery } from '../api/charts.js';
import { trialsCsvQuery, trialsQuery } from '../api/trials.js';
import { curvesQuery, distributionsQuery, gridQuery, importanceQuery, timelineQuery } from '../api/views.js';
import { best, front, history } from './answers/configurations.js';
import { SweepContext } from './answers/context.js';
import { curves } from './answers/curves.js';
import { importance } from './answers/importance.js';
import { distributions, gridOf } from './answers/maps.js';
import { points, slices } from './answers/points.js';
import { timeline } from './answers/timeline.js';
import { trialsCsv } from './answers/trials-csv.js';
import { trialsPage } from './answers/trials.js';
import type { Tables } from './table/tables.js';

export interface SweepRouteParts {
  readonly store: SweepStore;
  readonly tables: Tables;
  /** @throws {HttpError} 404 */
  readonly find: (reference: string) => Promise<SweepRecord>;
}

/** Answers about all trials of a sweep: each a function of the sweep's revision, the query and nothing else. */
export function sweepRoutes(router: Router, { store, tables, find }: SweepRouteParts): void {
  function answer<Q extends z.ZodType>(
    name: string,
    query: Q,
    compute: (context: SweepContext, query: z.output<Q>) => unknown,
    /** How long it waits for trials that are read for the first time. Milliseconds. */
    patience: (query: z.output<Q>) => number = () => Infinity,
  ): void {
    router.get(`/sweeps/:sweep/${name}`, async (request: Request<{ sweep: string }>, response: Response) => {
      const parsed = query.parse(request.query);
      const sweep = await find(request.params.sweep);
      const live = await tables.fresh(sweep, patience(parsed));
      const context = new SweepContext(sweep, live, store);
      // Several who look at one sweep ask the same.
      const text = live.keep(request.url.replace(/^\/sweeps\/[^/]+/, ''), async () =>
        JSON.stringify(await compute(context, parsed)),
      );
      response.type('json').send(await text);
    });
  }

  router.get('/sweeps/:sweep/trials.csv', async (request: Request<{ sweep: string }>, response: Response) => {
    const query = trialsCsvQuery.parse(request.query);
    const sweep = await find(request.params.sweep);
    const context = new SweepContext(sweep, await tables.fresh(sweep), store);
    const parts = trialsCsv(context, query);
    response.type('csv').attachment(`${sweep.definition.name}-trials.csv`);
    await pipeline(parts, response);
  });

  answer('points', pointsQuery, points, ({ partial }) => (partial ? 0 : Infinity));
  answer('slices', slicesQuery, slices);
  answer('best', bestQuery, best);
  answer('history', historyQuery, history);
  answer('front', frontQuery, front);
  answer('trials', trialsQuery, trialsPage);
  answer('grid', gridQuery, gridOf);
  answer('curves', curvesQuery, curves);
  answer('distributions', distributionsQuery, distributions);
  answer('timeline', timelineQuery, timeline);
  answer('importance', importanceQuery, importance);
}
