import { z } from 'zod';
import { sweepActionSchema } from '../../sweep/steering/sweep-action.js';
import { besideAnswer } from './beside.js';
import {
  bestAnswer,
  bestQuery,
  frontAnswer,
  frontQuery,
  historyAnswer,
  historyQuery,
  pointsAnswer,
  pointsQuery,
  slicesAnswer,
  slicesQuery,
} from './charts.js';
import {
  actionAnswer,
  errorAnswer,
  submitAnswer,
  submitBody,
  sweepAnswer,
  sweepsAnswer,
  sweepWorkersAnswer,
  trialDetailAnswer,
} from './sweeps.js';
import { trialsAnswer, trialsCsvQuery, trialsQuery } from './trials.js';
import {
  curvesAnswer,
  curvesQuery,
  distributionsAnswer,
  distributionsQuery,
  gridAnswer,
  gridQuery,
  importanceAnswer,
  importanceQuery,
  timelineAnswer,
  timelineQuery,
} from './views.js';
import { workersAnswer } from './workers.js';

/** One request of the HTTP interface. */
export interface Endpoint {
  readonly method: 'get' | 'post';
  /** As OpenAPI writes it: `/sweeps/{sweep}/trials`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** What is sent. */
  readonly body?: z.ZodType;
  /** Absent: not JSON. */
  readonly answer?: z.ZodType;
  readonly type?: 'text/csv' | 'text/event-stream';
  /** @default 200 */
  readonly statuses?: readonly (200 | 201 | 202)[];
  /** A query that works on every sweep with the objectives accuracy and memory, and a parameter lr. */
  readonly example?: string;
}

const of = (name: string) => `/sweeps/{sweep}/${name}`;

/** Everything that the server answers under `/api/v1`. A test asks all of it, and checks the answers. */
export const endpoints: readonly Endpoint[] = [
  { method: 'get', path: '/sweeps', summary: 'All sweeps, newest first', answer: sweepsAnswer },
  {
    method: 'post',
    path: '/sweeps',
    summary:
      'Hands in a sweep, where `coordinator serve` takes them. 201: it begins; 200: it was stored already',
    body: submitBody,
    answer: submitAnswer,
    statuses: [201, 200],
  },
  {
    method: 'get',
    path: '/events',
    summary: 'The list of sweeps as server-sent events: sweeps, heartbeat, problem',
    type: 'text/event-stream',
  },
  {
    method: 'get',
    path: '/workers',
    summary: 'All workers, what each runs, how that goes',
    answer: workersAnswer,
  },
  { method: 'get', path: '/sweeps/{sweep}', summary: 'One sweep', answer: sweepAnswer },
  {
    method: 'get',
    path: of('live'),
    summary:
      'How it stands, as server-sent events: sweep, workers, progress (id: revision), heartbeat, problem',
    type: 'text/event-stream',
  },
  {
    method: 'get',
    path: of('events'),
    summary:
      'Every change of a trial, as server-sent events: sweep, workers, trials (id: revision), ready, heartbeat, problem. `after` or Last-Event-ID goes on from a revision without a gap',
    type: 'text/event-stream',
  },
  {
    method: 'get',
    path: of('workers'),
    summary: 'Workers of its pool while it ran',
    answer: sweepWorkersAnswer,
  },
  {
    method: 'get',
    path: of('trials'),
    summary: 'Trials: filtered, sorted, a page at a time',
    query: trialsQuery,
    answer: trialsAnswer,
    example: '?sort=-metric:accuracy&limit=3',
  },
  {
    method: 'get',
    path: of('trials.csv'),
    summary: 'The same, all of them, as CSV',
    query: trialsCsvQuery,
    type: 'text/csv',
    example: '?where=accuracy+>+0',
  },
  {
    method: 'get',
    path: of('trials/{number}'),
    summary: 'One trial with attempts, reports and decisions',
    answer: trialDetailAnswer,
  },
  {
    method: 'get',
    path: of('best'),
    summary: 'The best configurations',
    query: bestQuery,
    answer: bestAnswer,
    example: '?top=3',
  },
  {
    method: 'get',
    path: of('history'),
    summary: 'How the best value came about',
    query: historyQuery,
    answer: historyAnswer,
    example: '',
  },
  {
    method: 'get',
    path: of('front'),
    summary: 'Two metrics against each other, with the Pareto front',
    query: frontQuery,
    answer: frontAnswer,
    example: '?x=memory&y=accuracy',
  },
  {
    method: 'get',
    path: of('points'),
    summary: 'Trials as points, thinned',
    query: pointsQuery,
    answer: pointsAnswer,
    example: '?x=parameter:lr&y=metric:accuracy',
  },
  {
    method: 'get',
    path: of('slices'),
    summary: 'Means over a parameter',
    query: slicesQuery,
    answer: slicesAnswer,
    example: '?x=parameter:lr&y=metric:accuracy',
  },
  {
    method: 'get',
    path: of('grid'),
    summary: 'Means over two parameters',
    query: gridQuery,
    answer: gridAnswer,
    example: '?x=parameter:lr&y=metric:memory&value=metric:accuracy',
  },
  {
    method: 'get',
    path: of('curves'),
    summary: 'Learning curves',
    query: curvesQuery,
    answer: curvesAnswer,
    example: '',
  },
  {
    method: 'get',
    path: of('distributions'),
    summary: 'Where values of parameters lie, and where the best do',
    query: distributionsQuery,
    answer: distributionsAnswer,
    example: '',
  },
  {
    method: 'get',
    path: of('timeline'),
    summary: 'What each worker trained when',
    query: timelineQuery,
    answer: timelineAnswer,
    example: '',
  },
  {
    method: 'get',
    path: of('importance'),
    summary: 'Which parameters matter',
    query: importanceQuery,
    answer: importanceAnswer,
    example: '',
  },
  {
    method: 'get',
    path: of('beside'),
    summary: 'Sweeps whose results can be drawn beside its own',
    answer: besideAnswer,
  },
  {
    method: 'post',
    path: of('actions'),
    summary: 'Asks the coordinator to do something',
    body: sweepActionSchema,
    answer: actionAnswer,
    statuses: [202],
  },
];

/** The OpenAPI 3.1 document, made from the schemas that the server checks requests with. */
export function openApi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sweepyard',
      version,
      description:
        'What the dashboard shows, as JSON. A sweep is named by its id, or by its name (the newest of that name). Answers are those of the revision that they carry. Beyond this machine every request needs `Authorization: Bearer TOKEN`.',
    },
    servers: [{ url: '/api/v1' }],
    components: {
      schemas: { Error: schemaOf(errorAnswer, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{}, { token: [] }],
    paths,
  };
}

function operation({ path, summary, query, body, answer, type, statuses = [200], example }: Endpoint) {
  const content = answer
    ? { 'application/json': { schema: schemaOf(answer, 'output') } }
    : { [type ?? 'text/plain']: { schema: { type: 'string' } } };
  return {
    summary,
    ...(example !== undefined && { 'x-example': `/api/v1${path}${example}` }),
    parameters: [...pathParameters(path), ...(query ? queryParameters(query) : [])],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: {
      ...Object.fromEntries(statuses.map((status) => [status, { description: summary, content }])),
      default: {
        description: 'Why not',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const examples: Readonly<Record<string, string | number>> = { sweep: 'har-gru', number: 12 };

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: name === 'number' ? 'integer' : 'string' },
    example: examples[name],
  }));
}

function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Record<string, unknown>>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, example, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    schema,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const made: Record<string, unknown> = { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }) };
  // The document says once which dialect it is in.
  delete made['$schema'];
  return made;
}
