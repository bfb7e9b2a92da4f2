import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints, openApi } from '../../src/dashboard/api/openapi.js';
import { errorAnswer } from '../../src/dashboard/api/sweeps.js';
import { storeRichSweep } from './support/rich-sweep.js';
import { ServedStore } from './support/serve.js';

describe('openapi', () => {
  let served: ServedStore;
  beforeAll(async () => {
    served = await ServedStore.open();
    await storeRichSweep(served.store);
  });
  afterAll(() => served.close());

  const json = endpoints.filter(({ method, answer }) => method === 'get' && answer);
  it.each(json)('$path - answers as its schema says', async ({ path, query, answer, example = '' }) => {
    const url = `/api/v1${path.replace('{sweep}', 'har-gru').replace('{number}', '7')}${example}`;
    const response = await served.get(url);
    expect(response.status).toBe(200);
    const body: unknown = await response.json();
    // Strict: what the schema does not name must not be there either.
    const parsed = answer?.parse(body);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(body);
    if (!query) return;
    const refused = await served.get(`${url}${example === '' ? '?' : '&'}surely=not`);
    expect(refused.status).toBe(400);
    expect(errorAnswer.parse(await refused.json()).error.message).toContain('surely');
  });

  it('/sweeps - a sweep that is handed in is answered as the schemas say', async () => {
    const { body, answer, statuses } = endpoints.find(
      (one) => one.method === 'post' && one.path === '/sweeps',
    )!;
    const request = { source: 'name: a', baseDirectory: '/sweeps', again: true };
    const taken: unknown[] = [];
    const serving = await ServedStore.open({
      control: {
        act: () => Promise.reject(new Error('not asked for')),
        submit: (submitted) => {
          taken.push(submitted);
          return Promise.resolve({
            sweepId: 'x',
            name: 'a',
            state: taken.length > 1 ? 'runs already' : 'begins',
          });
        },
      },
    });
    try {
      for (const status of statuses ?? []) {
        const response = await serving.get('/api/v1/sweeps', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(request),
        });
        expect(response.status).toBe(status);
        answer?.parse(await response.json());
      }
      expect(taken).toEqual([body?.parse(request), body?.parse(request)]);
    } finally {
      await serving.close();
    }
  });

  it('/api/v1/openapi.json - is served, and names every request with its parameters', async () => {
    const document = (await (await served.get('/api/v1/openapi.json')).json()) as ReturnType<typeof openApi>;
    expect(document).toEqual(
      JSON.parse(JSON.stringify(openApi(String((document['info'] as { version: string }).version)))),
    );
    const paths = document['paths'] as Record<string, Record<string, { parameters: { name: string }[] }>>;
    expect(
      Object.entries(paths)
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
        .sort(),
    ).toEqual(endpoints.map(({ method, path }) => `${method} ${path}`).sort());
    expect(paths['/sweeps/{sweep}/trials']?.['get']?.parameters.map(({ name }) => name)).toEqual([
      'sweep',
      'where',
      'state',
      'sort',
      'limit',
      'offset',
    ]);
  });
});
