import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SweepAction } from '../../src/sweep/steering/sweep-action.js';
import { SweepState, type SweepRecord } from '../../src/store/sweep-store.js';
import { createRandom } from '../../src/sweep/random.js';
import { fill, type FilledTrial } from '../dashboard/support/fill.js';
import { ServedStore } from '../dashboard/support/serve.js';
import { definition } from '../dashboard/support/sweeps.js';
import { findChromium, launchChromium, openPage } from './chromium.js';

const skipped = findChromium() === undefined;
if (skipped) console.warn('skipped: no Chromium (CHROMIUM, or chromium on the PATH) to test the page in');

describe.skipIf(skipped)('dashboard page', () => {
  let browser: Browser;
  let served: ServedStore;
  let page: Page;
  let errors: string[];
  const performed: { readonly sweepId: string; readonly action: SweepAction }[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    performed.length = 0;
    served = await ServedStore.open({
      pollInterval: 50,
      control: {
        offers: ({ state }) => (state === 'running' ? ['stop', 'add', 'set'] : []),
        act: async (sweepId, action, by) => {
          performed.push({ sweepId, action });
          if (action.action === 'stop')
            await served.store.setSweepState(sweepId, SweepState.Stopped, `stopped by ${by}`);
          return { message: 'done' };
        },
      },
    });
  });
  afterEach(async () => {
    await page.close();
    await served.close();
  });

  async function open(path = '', options = {}): Promise<void> {
    ({ page, errors } = await openPage(browser, `${served.url}${path}`, options));
  }

  async function newSweep(changes: Parameters<typeof definition>[0] = {}): Promise<SweepRecord> {
    return served.store.createSweep({ definition: definition(changes), source: '' });
  }

  async function openSweep(sweep: SweepRecord, query = '', options = {}): Promise<void> {
    await open(`#/sweeps/${sweep.id}${query}`, options);
    await page.locator('.sweep[data-ready=true]').waitFor();
  }

  const trial = (nhidden: number, accuracy: number, memory: number, time: number): FilledTrial => ({
    parameters: { nhidden, lr: 0.001 * nhidden, optimizer: nhidden % 2 ? 'adam' : 'rmsprop' },
    metrics: { accuracy, memory, time },
  });
  const few = [
    trial(4, 0.7, 1000, 60),
    trial(8, 0.9, 3000, 50),
    trial(16, 0.85, 9000, 90),
    trial(2, 0.6, 500, 80),
  ];
  const texts = (selector: string) => page.locator(selector).allInnerTexts();
  const trialsShown = (n: number) => page.locator(`.sweep[data-trials="${n}"]`).waitFor();

  it('list - says how to begin, then shows a sweep that starts, and its best, without a reload', async () => {
    await open();
    await page.getByText('No sweeps yet').waitFor();
    const sweep = await newSweep({ fixed: { selectOn: 'test' } });
    const card = page.locator(`[data-sweep="${sweep.id}"]`);
    await card.getByText('no result yet').waitFor();
    await fill(served.store, sweep.id, few);
    await card.getByText('0.9000').waitFor();
    expect(await card.innerText()).toMatch(/4 of 100 trials/);
    expect(await card.innerText()).toContain('selected on the test set');
    await card.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'bowl' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('sweep - trials that are written while one looks appear without a reload', async () => {
    const sweep = await newSweep();
    await openSweep(sweep);
    await page.getByText('No trial has been proposed yet').waitFor();
    await page.evaluate('window.loadedOnce = true');
    await fill(served.store, sweep.id, few);
    await trialsShown(4);
    await expect.poll(() => page.locator('[data-fact=done]').innerText()).toBe('4 of 100');
    await page.locator('.best-chart[data-best="0.9"]').waitFor();

    await fill(
      served.store,
      sweep.id,
      [trial(20, 0.95, 12_000, 95), { ...trial(5, 0, 0, 0), state: 'failed' }],
      4,
    );
    await trialsShown(6);
    await page.locator('.best-chart[data-best="0.95"]').waitFor();
    await expect
      .poll(() => page.locator('.legend [data-state=completed]').getAttribute('data-count'))
      .toBe('5');
    await expect.poll(() => page.locator('.legend [data-state=failed]').getAttribute('data-count')).toBe('1');
    await page.locator('.best-table tbody tr').first().getByText('0.9500').waitFor();
    expect((await texts('.best-table tbody tr'))[0]).toMatch(/0\.9500.*nhidden 20/s);

    await served.store.recordWorkers([
      {
        id: 'worker-a',
        host: 'gpu-01',
        pool: 'default',
        state: 'running',
        slots: 4,
        busy: 3,
        backend: 'wasm',
        device: 'cpu',
        memoryBytes: 8e9,
        startedAt: Date.now(),
        seenAt: Date.now(),
      },
    ]);
    await page.getByText('1 worker, 3 of 4 slots busy').waitFor();
    await expect
      .poll(() => page.locator('[data-worker=worker-a]').innerText())
      .toMatch(/gpu-01.*running.*wasm.*8 GB/s);
    await served.store.setSweepState(sweep.id, SweepState.Completed);
    await page.locator('.title-row [data-state=completed]').waitFor();
    expect(await page.evaluate('window.loadedOnce')).toBe(true);
    expect(errors).toEqual([]);
  });

  it('sweep - three charts under each other follow the parameter that is chosen, and the address keeps it', async () => {
    const sweep = await newSweep();
    await fill(served.store, sweep.id, few);
    await openSweep(sweep);
    const charts = page.locator('.metrics figure');
    const names = () =>
      page.evaluate('[...document.querySelectorAll(".metrics figure")].map(({ dataset }) => dataset.metric)');
    await charts.nth(2).waitFor();
    await expect.poll(() => names()).toEqual(['accuracy', 'memory', 'time']);
    const section = page.locator('.metrics');
    await expect.poll(() => section.getAttribute('data-axis')).toBe('nhidden');

    await page.getByRole('combobox', { name: 'Against' }).selectOption('lr');
    await expect.poll(() => section.getAttribute('data-axis')).toBe('lr');
    await page.locator('.metrics[data-axis=lr][data-axis-kind=log]').waitFor();
    await page.getByRole('combobox', { name: 'Against' }).selectOption('optimizer');
    await page.locator('.metrics[data-axis=optimizer][data-axis-kind=category]').waitFor();
    await page.getByRole('checkbox', { name: 'time' }).uncheck({ force: true });
    await expect.poll(() => names()).toEqual(['accuracy', 'memory']);

    await page.reload();
    await page.locator('.sweep[data-ready=true]').waitFor();
    await expect.poll(() => section.getAttribute('data-axis')).toBe('optimizer');
    await charts.first().and(page.locator('[data-points="4"]')).waitFor();
    await expect.poll(() => names()).toEqual(['accuracy', 'memory']);
    expect(errors).toEqual([]);
  });

  it('sweep - the Pareto fronts are those of accuracy against memory and against time', async () => {
    const sweep = await newSweep();
    await fill(served.store, sweep.id, few);
    await openSweep(sweep);
    const front = async (metric: string) => {
      const panel = page.getByRole('region', { name: `accuracy against ${metric}` });
      await panel.getByText('Pareto front').click();
      await panel.locator('.front tbody tr').first().waitFor();
      return panel.locator('.front tbody tr').allInnerTexts();
    };
    // Trial 2 costs more than trial 1 and is worse.
    expect((await front('memory')).map((row) => row.split('\t').slice(0, 3))).toEqual([
      ['3', '0.6000', '500 B'],
      ['0', '0.7000', '1 KB'],
      ['1', '0.9000', '3 KB'],
    ]);
    // Trial 1 is the most accurate and the fastest.
    expect((await front('time')).map((row) => row.split('\t').slice(0, 3))).toEqual([
      ['1', '0.9000', '50 s'],
    ]);
    await fill(served.store, sweep.id, [trial(6, 0.8, 2000, 10)], 4);
    await page.locator('[aria-label="accuracy against time"][data-front="4 1"]').waitFor();
    await page.locator('[aria-label="accuracy against memory"][data-front="3 0 4 1"]').waitFor();
  });

  it('sweep - a lost connection is said, and nothing is missing when it is back', async () => {
    const sweep = await newSweep();
    await fill(served.store, sweep.id, few);
    await openSweep(sweep);
    await trialsShown(4);
    await page.locator('.trials[data-rows="4"]').waitFor();
    const { port } = served;
    await served.stopServer();
    await page.getByText('The server does not answer').waitFor();
    await page.locator('[data-connection=lost]').waitFor();
    // What was there stays readable.
    await page.locator('.trials[data-rows="4"]').waitFor();
    await expect.poll(() => page.locator('.trials-table tbody tr').count()).toBe(4);
    await fill(served.store, sweep.id, [trial(20, 0.95, 12_000, 95)], 4);
    await served.startServer(port);
    await trialsShown(5);
    await page.locator('[data-connection=live]').waitFor();
    await fill(served.store, sweep.id, [trial(21, 0.96, 12_000, 95)], 5);
    await trialsShown(6);
    await page.locator('.trials[data-rows="6"]').waitFor();
    expect((await texts('.trials-table tbody td:nth-child(2)')).map(Number).sort()).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });

  it('sweep - stopping asks first', async () => {
    const sweep = await newSweep();
    await fill(served.store, sweep.id, [...few, { ...trial(9, 0.5, 4000, 1), state: 'running' }]);
    await openSweep(sweep);
    await page.getByRole('button', { name: 'Stop sweep…' }).click();
    await page.getByText('1 running trial will be cancelled').waitFor();
    await page.getByRole('button', { name: 'Keep running' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(performed).toEqual([]);

    await page.getByRole('button', { name: 'Stop sweep…' }).click();
    await page.getByRole('button', { name: 'Stop sweep', exact: true }).click();
    await page.locator('.title-row [data-state=stopped]').waitFor();
    expect(performed).toMatchObject([{ sweepId: sweep.id, action: { action: 'stop' } }]);
    await expect.poll(() => page.getByRole('button', { name: 'Stop sweep…' }).count()).toBe(0);
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('sweep - the table sorts and filters; a trial opens with its curve', async () => {
    const sweep = await newSweep();
    await fill(served.store, sweep.id, [...few, { ...trial(9, 0.5, 4000, 1), state: 'failed' }]);
    await openSweep(sweep);
    const numbers = () =>
      expect.poll(async () => (await texts('.trials-table tbody td:nth-child(2)')).map(Number));
    await numbers().toEqual([4, 3, 2, 1, 0]);
    const trials = page.getByRole('region', { name: 'Trials' });
    await trials.getByRole('button', { name: 'accuracy' }).click();
    await numbers().toEqual([1, 2, 0, 3, 4]);
    await trials.getByRole('combobox', { name: 'state' }).selectOption('failed');
    await numbers().toEqual([4]);
    await trials.getByRole('button', { name: '4', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Trial 4' });
    await dialog.locator('.curve-chart[data-points="1"]').waitFor();
    await expect.poll(() => dialog.innerText()).toContain('trial: loss is NaN at step 3');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).not.toContain('trial=');
    expect(errors).toEqual([]);
  });

  it('sweep - one that is not there is said to be so', async () => {
    await open('#/sweeps/nowhere');
    await page.getByText('there is no sweep "nowhere"').waitFor();
  });

  it('sweep - 1,000 trials are there quickly, and stay quick while more come', async () => {
    const sweep = await newSweep({ search: { sampler: 'random', trials: 2000, seed: 1, startWith: [] } });
    const random = createRandom(1);
    const many = Array.from({ length: 1000 }, () => {
      const n = 1 + random.below(25);
      return trial(n, random.next(), 500 * n, 100 * random.next());
    });
    await fill(served.store, sweep.id, many);
    const before = performance.now();
    await openSweep(sweep);
    await trialsShown(1000);
    await page.locator('.metric-chart[data-points="1000"]').first().waitFor();
    expect(performance.now() - before).toBeLessThan(5000);
    for (let first = 1000; first < 1200; first += 50)
      await fill(served.store, sweep.id, many.slice(0, 50), first);
    await trialsShown(1200);
    // The page answers at once: nothing that it does takes long.
    const click = performance.now();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('26–50 of 1,200 trials').waitFor();
    expect(performance.now() - click).toBeLessThan(3000);
    expect(errors).toEqual([]);
  });

  it.each([
    ['laptop', 1366],
    ['phone', 390],
  ])('sweep - nothing makes the page wider than a %s', async (_name, width) => {
    const sweep = await newSweep({
      name: 'a-name-that-is-as-long-as-names-of-sweeps-may-be-in-this-program',
      replicates: 3,
    });
    await fill(served.store, sweep.id, few);
    await openSweep(sweep, '', { viewport: { width, height: 844 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.goto(`${served.url}#/`);
    await page.getByRole('heading', { level: 1, name: 'Sweeps' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });
});
