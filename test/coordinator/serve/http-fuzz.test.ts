import { request, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SweepRecord } from '../../../src/store/sweep-store.js';
import { fill } from '../../dashboard/support/fill.js';
import { ServedStore } from '../../dashboard/support/serve.js';
import { definition } from '../../dashboard/support/sweeps.js';

const token = 'right-token';
const inputs = { withToken: 1_000, withoutToken: 500, bytes: 150 };
/** Milliseconds for an answer: far more than any takes, on a busy machine too. */
const patience = 30_000;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

let served: ServedStore;
let sweep: SweepRecord;
/** What was asked of the coordinator. */
const asked: unknown[] = [];
const logged: string[] = [];

beforeAll(async () => {
  const note = <T>(what: unknown, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  served = await ServedStore.open({
    token,
    log: (line) => logged.push(line),
    control: {
      offers: () => ['stop', 'pause', 'resume', 'set', 'priority', 'add', 'cancel', 'retry'],
      act: (id, action) => note({ id, action }, { message: 'done' }),
      submit: (submitted) => note(submitted, { sweepId: 'x', name: 'x', state: 'begins' }),
    },
  });
  sweep = await served.store.createSweep({ definition: definition(), source: '' });
  const parameters = { nhidden: 4, lr: 0.002, optimizer: 'adam' };
  await fill(served.store, sweep.id, [
    { parameters, metrics: { accuracy: 0.7, memory: 1000, time: 5 } },
    { parameters, metrics: { accuracy: 0.9, memory: 3000, time: 9 } },
    { parameters },
  ]);
});
afterAll(() => served.close());

/** The status of the answer; what follows it, as an endless stream of events does, is not waited for. */
function answerTo({ method, path, headers, body }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: served.port, method, path, headers, timeout: patience }, (response) => {
      response.on('error', () => undefined);
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    sent.on('timeout', () => reject(new Error(`no answer within ${patience} ms: ${method} ${path}`)));
    // A server that refuses a body may close before all of it is sent; its answer comes all the same.
    sent.on('error', reject);
    sent.end(body);
  });
}

const noise = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    '..',
    '%',
    '%00',
    '%zz',
    '%2e%2e%2f',
    '-1',
    '1e99',
    '9'.repeat(40),
    'NaN',
    '[]',
    '{}',
    '__proto__',
  ),
  fc.string({ maxLength: 40 }).map((text) => encodeURIComponent(text)),
);
const names = [
  'points',
  'slices',
  'best',
  'history',
  'front',
  'trials',
  'trials.csv',
  'grid',
  'curves',
].concat(['distributions', 'timeline', 'importance', 'events', 'live', 'workers', 'beside', 'actions']);
const place = fc.oneof(
  fc.constantFrom(
    '/',
    '/healthz',
    '/metrics',
    '/api/v1/sweeps',
    '/api/v1/workers',
    '/api/v1/events',
    '/assets/',
  ),
  fc.constantFrom(...names).map((name) => `/api/v1/sweeps/bowl/${name}`),
  fc.tuple(noise, noise).map(([a, b]) => `/api/v1/sweeps/${a}/${b}`),
  noise.map((number) => `/api/v1/sweeps/bowl/trials/${number}`),
  noise.map((path) => `/${path}`),
);
const keys = [
  'after',
  'state',
  'sort',
  'limit',
  'offset',
  'where',
  'metric',
  'x',
  'y',
  'objective',
  'trials',
  'token',
];
const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...keys), noise), noise), { maxLength: 4 })
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map(([key, value]) => `${key}=${value}`).join('&')}`));
const actions = fc.oneof(
  fc.record({
    action: fc.constantFrom('stop', 'pause', 'resume', 'retry', 'priority', 'set', 'add', 'cancel'),
  }),
  fc.record({ action: fc.constant('set'), settings: fc.jsonValue() }),
  fc.record({ action: fc.constant('add'), parameters: fc.jsonValue() }),
  fc.record({ action: fc.constant('cancel'), trials: fc.jsonValue() }),
  fc.record({ source: fc.string(), again: fc.boolean() }),
  fc.jsonValue(),
);
const body = fc.oneof(
  actions.map((value) => JSON.stringify(value)),
  fc.string({ maxLength: 200 }),
);
const header = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x', ';'),
    'last-event-id': fc.constantFrom('', '1', '-1', 'x', '9'.repeat(40)),
    'accept-encoding': fc.constantFrom('gzip', 'x', '*;q=0'),
    'content-encoding': fc.constantFrom('gzip', 'x'),
    origin: fc.constantFrom('null', 'http://elsewhere', 'http://127.0.0.1'),
    range: fc.constantFrom('bytes=0-1', 'bytes=9-1', 'x'),
    cookie: fc.constantFrom('sweepyard-token=%', 'sweepyard-token=', '='.repeat(100)),
  },
  { requiredKeys: [] },
);
/** Such as would be carried out, if they may. */
const likely: fc.Arbitrary<Sent> = fc.record({
  method: fc.constant('POST'),
  path: fc.constantFrom('/api/v1/sweeps/bowl/actions', '/api/v1/sweeps/bowl/actions', '/api/v1/sweeps'),
  headers: fc.constant({ 'content-type': 'application/json' }),
  body: actions.map((value) => JSON.stringify(value)),
});
const arbitrary: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'),
  path: fc.tuple(place, query).map(([path, asks]) => path + asks),
  headers: header,
  body,
});

const anyRequest = fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: likely });

/** GET and HEAD have none, for Node's own client. */
function withBody(sent: Sent): Sent {
  return sent.method === 'GET' || sent.method === 'HEAD' ? { ...sent, body: '' } : sent;
}

async function stateOfTheStore(): Promise<unknown> {
  return [await served.store.listSweeps(), await served.store.trials(sweep.id)];
}

describe(`HTTP - ${inputs.withToken + inputs.withoutToken} random requests and ${inputs.bytes} of random bytes`, () => {
  it('HTTP - without the token nothing is answered but whether it is healthy, and nothing is changed', async () => {
    const before = await stateOfTheStore();
    const property = fc.asyncProperty(anyRequest, async (sent) => {
      const status = await answerTo(withBody(sent));
      const isHealth = sent.path.startsWith('/healthz');
      expect(isHealth || status >= 400, `${sent.method} ${sent.path}: ${status}`).toBe(true);
      expect(status, `${sent.method} ${sent.path}`).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: inputs.withoutToken });
    expect(asked).toEqual([]);
    expect(await stateOfTheStore()).toEqual(before);
  }, 300_000);

  it('HTTP - with the token every answer is below 500, and none is waited for in vain', async () => {
    const property = fc.asyncProperty(anyRequest, async (sent) => {
      const headers = { ...sent.headers, authorization: `Bearer ${token}` };
      const status = await answerTo({ ...withBody(sent), headers });
      expect(status, `${sent.method} ${sent.path} ${sent.body}: ${logged.at(-1)}`).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: inputs.withToken });
    expect(logged).toEqual([]);
    // Some of them were right.
    expect(asked.length).toBeGreaterThan(0);
  }, 300_000);

  it('HTTP - bytes that are no request end the connection, and nothing else', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
      await new Promise<void>((resolve) => {
        const socket = connect(served.port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
      });
    });
    await fc.assert(property, { numRuns: inputs.bytes });
    expect(await answerTo({ method: 'GET', path: '/healthz', headers: {}, body: '' })).toBe(200);
  }, 120_000);

  it('HTTP - what is too large is refused', async () => {
    const large = (path: string, bytes: number): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return answerTo({ method: 'POST', path, headers, body: JSON.stringify('x'.repeat(bytes)) });
    };
    const before = asked.length;
    expect(await large('/api/v1/sweeps/bowl/actions', 17 * 1024)).toBe(413);
    expect(await large('/api/v1/sweeps', 4 * 1024 * 1024)).toBe(413);
    const address = { method: 'GET', path: `/?${'x'.repeat(20_000)}`, headers: {}, body: '' };
    expect(await answerTo(address)).toBe(431);
    const cookie = { ...address, path: '/healthz', headers: { cookie: 'x'.repeat(20_000) } };
    expect(await answerTo(cookie)).toBe(431);
    expect(asked).toHaveLength(before);
  });
});
