import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { importedMark } from '../../src/store/imported.js';
import type { SweepRecord } from '../../src/store/sweep-store.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';
import { fill } from '../dashboard/support/fill.js';
import { ServedStore } from '../dashboard/support/serve.js';
import { definition } from '../dashboard/support/sweeps.js';
import { findChromium, launchChromium, openPage } from './chromium.js';

describe.skipIf(findChromium() === undefined)('another sweep beside a sweep', () => {
  let browser: Browser;
  let served: ServedStore;
  let page: Page;
  let ours: SweepRecord;
  let published: SweepRecord;
  let plain: SweepRecord;

  const space: SweepDefinition['space'] = { nhidden: { kind: 'int', low: 1, high: 25, step: 1, log: false } };

  async function store(changes: Partial<SweepDefinition>, n: number, seeds = 1, source = '') {
    const sweep = await served.store.createSweep({
      definition: definition({ space, replicates: seeds, ...changes }),
      source,
    });
    const trials = Array.from({ length: n * seeds }, (_, number) => {
      const nhidden = 1 + Math.floor(number / seeds);
      const accuracy = 0.9 - 0.3 / nhidden + 0.01 * (number % seeds);
      return {
        parameters: { nhidden },
        metrics: { accuracy, memory: 100 * nhidden ** 2, time: 60 + nhidden },
        configuration: nhidden - 1,
        replicate: number % seeds,
      };
    });
    await fill(served.store, sweep.id, trials);
    await served.store.setSweepState(sweep.id, 'completed');
    return sweep;
  }

  beforeAll(async () => {
    browser = await launchChromium();
    served = await ServedStore.open({ pollInterval: 100 });
    const imported = `${importedMark}gru-sweeps.json`;
    plain = await store({ name: 'published-bs800', fixed: { batchSize: 800 } }, 20, 1, imported);
    published = await store({ name: 'published-bs2000', fixed: { batchSize: 2000 } }, 25, 1, imported);
    ours = await store({ name: 'har-gru', fixed: { batchSize: 2000, dataset: 'uci-har' } }, 12, 3);
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });
  afterEach(() => page.close());

  const open = async (path: string) => {
    ({ page } = await openPage(browser, `${served.url}#${path}`));
    await page.locator('.sweep[data-ready]').waitFor();
  };
  const beside = (selector: string) =>
    page.evaluate<(string | undefined)[]>(
      `[...document.querySelectorAll('${selector}')].map(({ dataset }) => dataset.beside)`,
    );

  it('metrics - the imported sweep of the same batch is beside ours unasked, under the same axis, ours with error bars', async () => {
    await open(`/sweeps/${ours.id}`);
    await expect.poll(() => beside('.metric-chart')).toEqual(['25', '25', '25']);
    await expect.poll(() => beside('.trade-off-chart')).toEqual(['25', '25']);
    const marks = page.locator('.legend.marks');
    await marks.getByText('published-bs2000').waitFor();
    await marks.getByText('standard deviation of replicates').waitFor();
    const label = await page.locator('.metric-chart canvas').first().getAttribute('aria-label');
    expect(label).toBe('accuracy against nhidden: 36 trials, 25 of published-bs2000 beside');
  });

  it('metrics - another one or none can be chosen; the address keeps it, in trade-offs too', async () => {
    await open(`/sweeps/${ours.id}`);
    const select = page.getByRole('combobox', { name: 'beside' });
    await expect
      .poll(() => select.locator('option').allInnerTexts())
      .toEqual(['none', 'published-bs2000 – imported', 'published-bs800 – imported; other batchSize']);
    await select.selectOption(plain.id);
    await expect.poll(() => beside('.metric-chart')).toEqual(['20', '20', '20']);
    expect(page.url()).toContain(`beside=${plain.id}`);
    await page.getByRole('link', { name: 'Trade-offs' }).click();
    await expect.poll(() => beside('.trade-off-chart')).toEqual(['20']);
    await page.getByRole('combobox', { name: 'beside' }).selectOption('none');
    await expect.poll(() => beside('.trade-off-chart')).toEqual([undefined]);
    await page.reload();
    await page.locator('.trade-off-chart').waitFor();
    await expect.poll(() => page.getByRole('combobox', { name: 'beside' }).inputValue()).toBe('');
    expect(await beside('.trade-off-chart')).toEqual([undefined]);
  });

  it('metrics - the filter holds for both, and a trial beside opens on its own page', async () => {
    await open(`/sweeps/${ours.id}?where=${encodeURIComponent('nhidden == 25')}&metrics=accuracy`);
    await expect.poll(() => beside('.metric-chart')).toEqual(['1']);
    await page.goto(
      `${served.url}#/sweeps/${ours.id}?where=${encodeURIComponent('nhidden > 12')}&metrics=memory`,
    );
    await expect.poll(() => beside('.metric-chart')).toEqual(['13']);
    const canvas = page.locator('.metric-chart canvas');
    const box = await canvas.boundingBox();
    if (!box) throw new Error('the chart has no box');
    // From the left, in small steps: the first trial under the pointer is one beside, for ours are filtered away.
    await expect
      .poll(async () => {
        for (let x = 60; x < box.width; x += 10)
          for (let y = 10; y < box.height; y += 10) {
            await page.mouse.click(box.x + x, box.y + y);
            if (page.url().includes(published.id)) return true;
          }
        return false;
      })
      .toBe(true);
    await page.locator('dialog.trial').waitFor();
    await expect.poll(() => page.locator('h1').first().innerText()).toBe('published-bs2000');
  });

  it('metrics - a filter that the other sweep does not know leaves ours alone, and says why', async () => {
    await open(`/sweeps/${ours.id}?where=${encodeURIComponent('dataset == "uci-har"')}`);
    await page.getByText(/published-bs2000: where: there is no "dataset"/).waitFor();
    await expect.poll(() => beside('.metric-chart')).toEqual([undefined, undefined, undefined]);
  });
});
