/**
 * Takes the pictures of the dashboard: `tsx scripts/dashboard-pictures.ts` those of the documentation, over the sweeps
 * that the tests store; `tsx scripts/dashboard-pictures.ts FOLDER` every view in light, in dark and on a phone, to look at.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { tabs } from '../src/dashboard/web/routing.js';
import { launchChromium, openPage } from '../test/browser/chromium.js';
import { storePopulation } from '../test/dashboard/support/population.js';
import { hasPublished, storePublished } from '../test/dashboard/support/published.js';
import { storeRichSweep } from '../test/dashboard/support/rich-sweep.js';
import { ServedStore } from '../test/dashboard/support/serve.js';

interface Picture {
  readonly file: string;
  /** What follows `#` in the address. */
  readonly path: string;
  readonly dark?: boolean;
  readonly width?: number;
  /** Absent: the whole page. */
  readonly height?: number;
}

const phone = { width: 390, height: 844 };

function documented(sweep: string, published: string | undefined): Picture[] {
  return [
    { file: 'dashboard', path: `/sweeps/${sweep}`, height: 1010 },
    { file: 'dashboard-parallel', path: `/sweeps/${sweep}/parallel`, width: 960, height: 800, dark: true },
    { file: 'dashboard-slices', path: `/sweeps/${sweep}/slices`, height: 1000 },
    { file: 'dashboard-timeline', path: `/sweeps/${sweep}/timeline`, height: 680 },
    { file: 'dashboard-trial', path: `/sweeps/${sweep}/curves?trial=7`, height: 1200, dark: true },
    { file: 'dashboard-phone', path: `/sweeps/${sweep}`, ...phone },
    ...(published === undefined
      ? []
      : [{ file: 'dashboard-published', path: `/sweeps/${published}`, height: 1010 }]),
  ];
}

function everything(sweep: string, population: string): Picture[] {
  const views = [
    ['list', '/'],
    ['all-workers', '/workers'],
    ['compare', `/compare?sweeps=${sweep},${population}`],
    ['overview', `/sweeps/${sweep}`],
    ...tabs.map((tab) => [tab, `/sweeps/${sweep}/${tab}`]),
    ['chosen', `/sweeps/${sweep}/trials?select=1,5,9`],
    ['trial', `/sweeps/${sweep}?trial=7`],
    ['interval', `/sweeps/${population}?trial=5`],
  ] as [string, string][];
  return views.flatMap(([file, path]) => [
    { file: `${file}-light`, path },
    { file: `${file}-dark`, path, dark: true },
    { file: `${file}-phone`, path, width: phone.width },
  ]);
}

async function take(browser: Browser, base: string, folder: string, picture: Picture): Promise<void> {
  const { page, errors } = await openPage(browser, `${base}#${picture.path}`, {
    viewport: { width: picture.width ?? 1366, height: picture.height ?? 850 },
    colorScheme: picture.dark ? 'dark' : 'light',
  });
  await page.locator('main .panel, main .sweep-card').first().waitFor();
  await page.locator('.ghost').first().waitFor({ state: 'detached' });
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  if (picture.path.includes('trial=')) await page.locator('dialog .curve-chart').waitFor();
  await page.screenshot({
    path: join(folder, `${picture.file}.png`),
    fullPage: picture.height === undefined && !picture.path.includes('trial='),
    animations: 'disabled',
  });
  await page.close();
  console.log(`${picture.file}${errors.length > 0 ? `: ${errors.join('; ')}` : ''}`);
}

const folder = process.argv[2];
const served = await ServedStore.open({ pollInterval: 200 });
const browser = await launchChromium();
try {
  const published = hasPublished ? await storePublished(served.store) : undefined;
  const population = await storePopulation(served.store);
  const sweep = await storeRichSweep(served.store);
  const into = folder ?? 'docs/images';
  await mkdir(into, { recursive: true });
  const pictures =
    folder === undefined ? documented(sweep.id, published?.id) : everything(sweep.id, population.id);
  for (const picture of pictures) await take(browser, served.url, into, picture);
} finally {
  await browser.close();
  await served.close();
}
