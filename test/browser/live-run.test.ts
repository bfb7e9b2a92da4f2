import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SweepRecord } from '../../src/store/sweep-store.js';
import { createRandom } from '../../src/sweep/random.js';
import { ServedStore } from '../dashboard/support/serve.js';
import { definition } from '../dashboard/support/sweeps.js';
import { findChromium, launchChromium, openPage } from './chromium.js';

const trials = 1000;
const group = 20;
const steps = 3;

let browser: Browser;
let served: ServedStore;
let sweep: SweepRecord;

beforeAll(async () => {
  if (findChromium() === undefined) return;
  browser = await launchChromium();
  served = await ServedStore.open({ pollInterval: 50 });
  const search = { sampler: 'random', trials, seed: 1, startWith: [] };
  sweep = await served.store.createSweep({ definition: definition({ search }), source: '' });
});
afterAll(async () => {
  if (findChromium() === undefined) return;
  await browser.close();
  await served.close();
});

/** Writes one group of trials as a coordinator does: proposed, started, reported on, ended. Returns the best so far. */
async function runGroup(
  first: number,
  random: ReturnType<typeof createRandom>,
  best: number,
): Promise<number> {
  const { store } = served;
  const numbers = Array.from({ length: group }, (_, index) => first + index);
  const accuracies = new Map(numbers.map((number) => [number, random.next()]));
  const now = Date.now();
  await store.addTrials(
    sweep.id,
    numbers.map((number) => ({
      number,
      configuration: number,
      replicate: 0,
      seed: number,
      parameters: { nhidden: 1 + random.below(25), lr: 0.001, optimizer: 'adam' },
    })),
  );
  await store.record({
    sweepId: sweep.id,
    started: numbers.map((number) => ({ number, attempt: 1, workerId: 'worker-a', startedAt: now })),
  });
  for (let step = 1; step <= steps; step++) {
    await store.record({
      sweepId: sweep.id,
      reports: numbers.map((number) => ({
        number,
        attempt: 1,
        sequence: step,
        step,
        metrics: { accuracy: ((accuracies.get(number) ?? 0) * step) / steps },
        reportedAt: now + step,
      })),
    });
  }
  await store.record({
    sweepId: sweep.id,
    results: numbers.map((number) => ({
      number,
      attempt: 1,
      state: 'completed',
      metrics: { accuracy: accuracies.get(number) ?? 0, memory: number, time: 1 },
      finishedAt: now + 10,
    })),
  });
  return Math.max(best, ...accuracies.values());
}

it.skipIf(findChromium() === undefined)(
  'live run - 1,000 short trials watched from start to end with the connection cut in the middle: nothing is missing',
  { timeout: 120_000 },
  async () => {
    const { page, errors } = await openPage(browser, `${served.url}#/sweeps/${sweep.id}`);
    await page.getByText('No trial has been proposed yet').waitFor();
    await page.evaluate('window.loadedOnce = true');
    const random = createRandom(5);
    let best = 0;
    const { port } = served;
    for (let first = 0; first < trials; first += group) {
      if (first === 400) {
        await page.locator('.metric-chart:not([data-points="0"])').first().waitFor();
        await served.stopServer();
        await page.locator('[data-connection=lost]').waitFor();
      }
      if (first === 600) await served.startServer(port);
      best = await runGroup(first, random, best);
    }
    await served.store.setSweepState(sweep.id, 'completed');
    await page.locator('.title-row [data-state=completed]').waitFor();
    await page.locator(`.sweep[data-trials="${trials}"]`).waitFor();
    await page.locator(`.best-chart[data-completed="${trials}"][data-best="${best}"]`).waitFor();
    await page.locator(`.metric-chart[data-points="${trials}"]`).first().waitFor();
    await page.locator(`.trade-off-chart[data-total="${trials}"]`).first().waitFor();
    await page.locator(`.trials[data-rows="${trials}"]`).waitFor();
    await expect
      .poll(() => page.locator('.legend [data-state=completed]').getAttribute('data-count'))
      .toBe('1000');
    expect(await page.evaluate('window.loadedOnce')).toBe(true);
    // The browser says that the server was away; the page says nothing else.
    expect(
      errors.filter((error) => !/ERR_CONNECTION|ERR_INCOMPLETE|Failed to load resource/.test(error)),
    ).toEqual([]);
    await page.close();
  },
);
