import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SweepRecord } from '../../src/store/sweep-store.js';
import { hasPublished, storePublished } from '../dashboard/support/published.js';
import { storePopulation } from '../dashboard/support/population.js';
import { storeRichSweep } from '../dashboard/support/rich-sweep.js';
import { ServedStore } from '../dashboard/support/serve.js';
import { findChromium, launchChromium, openPage } from './chromium.js';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

describe.skipIf(findChromium() === undefined)('dashboard views', () => {
  let browser: Browser;
  let served: ServedStore;
  let sweep: SweepRecord;
  let population: SweepRecord;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    browser = await launchChromium();
    served = await ServedStore.open({ pollInterval: 100 });
    if (hasPublished) await storePublished(served.store);
    population = await storePopulation(served.store);
    sweep = await storeRichSweep(served.store);
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });
  afterEach(() => page.close());

  async function open(path: string, options = {}): Promise<void> {
    ({ page, errors } = await openPage(browser, `${served.url}#${path}`, options));
    await page.locator('main .panel, main .sweep-card').first().waitFor();
    await page.locator('.ghost').first().waitFor({ state: 'detached' });
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  }
  const openTab = (tab: string, query = '', options = {}) =>
    open(`/sweeps/${sweep.id}${tab === 'overview' ? '' : `/${tab}`}${query}`, options);
  const attribute = (selector: string, name: string) => page.locator(selector).first().getAttribute(name);

  const tabs = [
    'overview',
    'trade-offs',
    'parallel',
    'importance',
    'slices',
    'curves',
    'distributions',
    'timeline',
    'trials',
    'workers',
  ];
  const places = [
    ...tabs.map((tab) => [tab, () => `/sweeps/${sweep.id}${tab === 'overview' ? '' : `/${tab}`}`] as const),
    ['a trial', () => `/sweeps/${sweep.id}?trial=7`] as const,
    ['an interval of a member', () => `/sweeps/${population.id}?trial=3`] as const,
    ['chosen trials', () => `/sweeps/${sweep.id}/trials?select=1,5,9`] as const,
    ['list', () => '/'] as const,
    ['compare', () => `/compare?sweeps=${sweep.id}`] as const,
    ['all workers', () => '/workers'] as const,
  ];

  it.each(places)(
    '%s - axe finds nothing against it in light and dark, and it fits a phone',
    async (_name, path) => {
      await open(path());
      await page.evaluate(axeSource);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await page.evaluate<AxeResults>(
          'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })',
        );
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        expect(found, colorScheme).toEqual([]);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(errors).toEqual([]);
    },
  );

  it('filter - is of all views, kept in the address, and says what is wrong with it', async () => {
    await openTab('overview');
    const filter = page.getByRole('textbox', { name: 'Filter' });
    await filter.fill('nhidden > 10 && state == "completed"');
    await filter.press('Enter');
    await page.locator('.filter-bar[data-matching]').waitFor();
    const matching = Number(await attribute('.filter-bar', 'data-matching'));
    expect(matching).toBeGreaterThan(5);
    expect(matching).toBeLessThan(52);
    await page.locator(`.trials[data-rows="${matching}"]`).waitFor();
    await page.locator(`.metric-chart[data-points="${matching}"]`).first().waitFor();
    await page.getByRole('link', { name: 'Parallel' }).click();
    await page.locator(`.parallel[data-lines="${matching}"]`).waitFor();
    await filter.fill('nhiden > 10');
    await filter.press('Enter');
    await page.getByText('there is no "nhiden" (did you mean "nhidden"?)').first().waitFor();
  });

  it('trade-offs - any two metrics, a colour, the limit; the front keeps the limit', async () => {
    await openTab('trade-offs');
    await page.getByRole('combobox', { name: 'against x' }).selectOption('time');
    await page.getByRole('region', { name: 'accuracy against time' }).waitFor();
    await page.getByRole('combobox', { name: 'coloured by' }).selectOption('parameter:nhidden');
    await expect.poll(() => page.url()).toContain('x=time');
    const rows = await page.locator('.front tbody tr').allInnerTexts();
    expect(rows.length).toBeGreaterThan(2);
    await page.getByText('limits: memory <= 9000').waitFor();
    await page.getByRole('combobox', { name: 'against x' }).selectOption('memory');
    await page.getByRole('region', { name: 'accuracy against memory' }).waitFor();
  });

  it('parallel - a range by the keyboard chooses lines, and becomes the filter of all views', async () => {
    await openTab('parallel');
    const all = Number(await attribute('.parallel', 'data-lines'));
    const slider = page.getByRole('slider', { name: 'nhidden, at least' });
    await slider.focus();
    for (let n = 0; n < 25; n++) await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Filter all views to these' }).waitFor();
    const within = Number(await attribute('.parallel', 'data-within'));
    expect(within).toBeGreaterThan(0);
    expect(within).toBeLessThan(all);
    await page.getByRole('button', { name: 'Filter all views to these' }).click();
    await page.locator(`.parallel[data-lines="${within}"]`).waitFor();
    await expect.poll(() => decodeURIComponent(page.url())).toContain('nhidden+>=');
  });

  it('parallel - a range by the pointer', async () => {
    await openTab('parallel');
    const box = await page.locator('[data-axis=accuracy] .track').boundingBox();
    if (!box) throw new Error('no axis');
    await page.mouse.move(box.x + 9, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 9, box.y + box.height / 3, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Clear ranges' }).waitFor();
    expect(Number(await attribute('.parallel', 'data-within'))).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Clear ranges' }).click();
    await page.locator(`.parallel[data-within="${await attribute('.parallel', 'data-lines')}"]`).waitFor();
  });

  it('importance - a share for every parameter, and none that counts twice', async () => {
    await openTab('importance');
    await expect
      .poll(() => page.locator('.bars').first().locator('tbody th').allInnerTexts())
      .toContain('nhidden');
    expect(errors).toEqual([]);
  });

  it('slices - a chart for every parameter, a map of two, another metric', async () => {
    await openTab('slices');
    await expect.poll(() => page.locator('.small-charts figure').count()).toBe(3);
    await page.getByRole('combobox', { name: 'Mean of' }).selectOption('memory');
    await page.getByText('mean of memory').waitFor();
    await page.locator('.contour').getByRole('combobox', { name: 'y' }).selectOption('optimizer');
    await page.locator('.contour[data-y=optimizer] .contour-chart').waitFor();
    expect(Number(await attribute('.contour-chart', 'data-cells'))).toBeGreaterThan(5);
  });

  it('curves - pruned ones are marked, with why', async () => {
    await openTab('curves');
    await expect.poll(() => attribute('.curves', 'data-curves')).toBe('60');
    await page.getByText(/Stopped before the end/).click();
    await page
      .getByText(/pruned at step 4: asha: rank \d of 9 at rung 4/)
      .first()
      .waitFor();
    await page.locator('.reasons button').first().click();
    await page.getByRole('dialog').waitFor();
  });

  it('distributions - where all lie and where the best do', async () => {
    await openTab('distributions');
    await expect.poll(() => page.locator('.histogram').count()).toBe(3);
    await page.getByText(/best tenth: 6 trials/).waitFor();
  });

  it('timeline - every worker, with what was lost', async () => {
    await openTab('timeline');
    await expect.poll(() => attribute('.timeline', 'data-attempts')).toBe('61');
    await expect.poll(() => page.locator('.timeline svg g').count()).toBe(4);
    await page.locator('.timeline .legend').getByText('lost').waitFor();
  });

  it('trials - columns and trials can be chosen; chosen trials stand beside each other', async () => {
    await openTab('trials');
    await page.getByText('Columns', { exact: true }).click();
    await page.getByRole('checkbox', { name: 'lr', exact: true }).uncheck();
    await page.getByRole('button', { name: 'lr', exact: true }).waitFor({ state: 'detached' });
    await page
      .getByRole('checkbox', { name: /Compare trial/ })
      .nth(0)
      .check();
    await page
      .getByRole('checkbox', { name: /Compare trial/ })
      .nth(2)
      .check();
    await page.locator('.compare-trials[data-compared="2"]').waitFor();
    await page.reload();
    await page.locator('.compare-trials[data-compared="2"]').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'lr', exact: true }).count()).toBe(0);
  });

  it('trial - curve, confusion matrix, attempts, decisions, machine and how to repeat it', async () => {
    await openTab('overview', '?trial=7');
    const dialog = page.getByRole('dialog', { name: 'Trial 7' });
    await dialog.locator('.curve-chart[data-points="12"]').waitFor();
    await expect.poll(() => dialog.locator('.confusion tbody tr').count()).toBe(3);
    await expect.poll(() => dialog.innerText()).toMatch(/lost: worker gpu-03-a: no sign of life/);
    await expect.poll(() => dialog.locator('.decisions').innerText()).toMatch(/retry its worker was lost/);
    await expect.poll(() => dialog.innerText()).toMatch(/AMD EPYC/);
    await expect.poll(() => dialog.locator('.command').innerText()).toContain('coordinator start again.yaml');
  });

  it('pictures and tables can be saved', async () => {
    await openTab('overview');
    const saved = async (name: string) => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name }).first().click();
      const file = await download;
      return [file.suggestedFilename(), readFileSync(await file.path())] as const;
    };
    const [pictureName, picture] = await saved('Save accuracy-against-nhidden as PNG');
    expect(pictureName).toBe('accuracy-against-nhidden.png');
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.length).toBeGreaterThan(5000);
    await openTab('slices');
    const [, table] = await saved('Save accuracy-over-optimizer as CSV');
    expect(table.toString()).toMatch(/^optimizer,trials,mean accuracy,.*\nrmsprop,\d+,0\.8/);
    const [, map] = await saved('Save accuracy-nhidden-lr as PNG');
    expect(map.subarray(1, 4).toString()).toBe('PNG');
    const csv = await (
      await served.get(`/api/v1/sweeps/${sweep.id}/trials.csv?sort=-metric:accuracy`)
    ).text();
    expect(csv.split('\n')).toHaveLength(62);
    expect(csv).toMatch(/^number,state,.*accuracy,memory,time,loss,nhidden,lr,optimizer\n/);
    expect(errors).toEqual([]);
  });

  it('trial - each attempt with its machine, its log, and the pack that it came in', async () => {
    await openTab('overview', '?trial=7');
    const dialog = page.locator('dialog.trial');
    const first = dialog.locator('[data-attempt="1"]');
    await first.getByText('CUDA error: the device is gone').waitFor();
    expect(await first.innerText()).toContain('lost: worker gpu-03-a: no sign of life for 30 s');
    // Only what failed has its log open.
    const second = dialog.locator('[data-attempt="2"]');
    expect(await second.locator('details').getAttribute('open')).toBeNull();
    await second.getByText('Log: 2 lines').click();
    await second.getByText('stage 2 begins').waitFor();
    await page.close();
    await openTab('overview', '?trial=8');
    const packed = page.locator('dialog.trial');
    await packed.getByText('In a pack of 2 with').waitFor();
    await packed.getByRole('button', { name: 'Trial 9' }).click();
    await packed.getByRole('heading', { name: 'Trial 9' }).waitFor();
    expect(page.url()).toContain('trial=9');
    expect(errors).toEqual([]);
  });

  it.skipIf(!hasPublished)('compare - sweeps that were chosen in the list, in one chart', async () => {
    await open('/');
    for (const name of ['har-gru', 'published-gru'])
      await page.getByRole('checkbox', { name: `Compare ${name} (` }).check();
    await page.getByRole('link', { name: 'Compare 2' }).click();
    await page.locator('.compare[data-sweeps="2"] canvas').waitFor();
    await expect.poll(() => page.locator('.compare tbody tr').count()).toBe(2);
    expect(errors).toEqual([]);
  });

  it('an interval of a member - links to the trials before and after it, whose curve it continues', async () => {
    await open(`/sweeps/${population.id}?trial=3`);
    const lineage = page.locator('dialog .lineage');
    await expect
      .poll(() => lineage.textContent())
      .toBe('Interval 2 of member 2 of the population; goes on from trial 0; gone on by trial 5.');
    await lineage.getByRole('button', { name: 'trial 5' }).click();
    await expect.poll(() => page.locator('#trial-title').textContent()).toBe('Trial 5');
    await expect.poll(() => lineage.textContent()).toContain('(before it trial 0)');
    expect(errors).toEqual([]);
  });
});
