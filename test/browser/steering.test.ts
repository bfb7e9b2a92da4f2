import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SweepAction } from '../../src/sweep/steering/sweep-action.js';
import { storeRichSweep } from '../dashboard/support/rich-sweep.js';
import { ServedStore } from '../dashboard/support/serve.js';
import { findChromium, launchChromium, openPage } from './chromium.js';

describe.skipIf(findChromium() === undefined)('what was steered', () => {
  let browser: Browser;
  let served: ServedStore;
  let page: Page;
  const performed: SweepAction[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    served = await ServedStore.open({
      pollInterval: 50,
      control: {
        offers: () => ['quarantine', 'release'],
        act: (_sweep, action) => {
          performed.push(action);
          return Promise.resolve({ message: 'done' });
        },
      },
    });
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });
  afterEach(() => page.close());

  /** A sweep that somebody leads, and does so at the time of looking. */
  async function ledSweep() {
    const sweep = await storeRichSweep(served.store);
    await served.store.lead(sweep.id, 'elsewhere:1');
    return sweep;
  }

  it('paused - list and page say so at once, and who did it', async () => {
    const sweep = await ledSweep();
    ({ page } = await openPage(browser, `${served.url}#/sweeps/${sweep.id}`));
    await page.locator('.title-row .badge', { hasText: 'running' }).waitFor();
    const alive = setInterval(
      () => void served.store.addUsage(sweep.id, { seconds: 0, slotSeconds: 0 }),
      1_000,
    );
    try {
      await served.store.record({ sweepId: sweep.id, amendments: { paused: { reason: 'paused by ada' } } });
      await page.locator('.title-row .badge', { hasText: 'paused' }).waitFor();
      await page.getByText('paused by ada').waitFor();
      await page.goto(`${served.url}#/`);
      const card = page.locator(`[data-sweep="${sweep.id}"]`);
      await card.locator('.badge', { hasText: 'paused' }).waitFor();
      await card.getByText('paused by ada').waitFor();
    } finally {
      clearInterval(alive);
    }
  });

  it('quarantine - a worker is put there from its row, is seen with the reason, and is released', async () => {
    const sweep = await ledSweep();
    const decide = (action: string, reason: string, decidedAt: number) =>
      served.store.record({
        sweepId: sweep.id,
        decisions: [{ sweepId: sweep.id, action, reason, decidedAt }],
      });
    ({ page } = await openPage(browser, `${served.url}#/sweeps/${sweep.id}/workers`));
    const row = page.locator('[data-worker="gpu-01-b"]');
    await row.getByRole('button', { name: 'Quarantine…' }).click();
    await page.getByRole('button', { name: 'Put into quarantine' }).click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => performed.at(-1)).toEqual({ action: 'quarantine', worker: 'gpu-01-b' });
    await decide('quarantine', 'worker gpu-01-b: 3 of 3 trials failed; the last one by: no memory', 1);
    await row.getByText('3 of 3 trials failed').waitFor();
    await page.goto(`${served.url}#/workers`);
    const known = page.locator('[data-worker="gpu-01-b"]');
    await known.getByText('3 of 3 trials failed').waitFor();
    await known.locator('.why').getByRole('link', { name: 'har-gru' }).click();
    await page.getByRole('button', { name: 'Release…' }).click();
    await page.getByRole('button', { name: 'Release', exact: true }).click();
    await expect.poll(() => performed.at(-1)).toEqual({ action: 'release', worker: 'gpu-01-b' });
    await decide('release', 'worker gpu-01-b by the dashboard', 2);
    await page.getByRole('button', { name: 'Release…' }).waitFor({ state: 'detached' });
  });
});
