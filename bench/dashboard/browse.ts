import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

/** Milliseconds from the address to a picture with its points, on a browser that has seen the page before or not. */
export async function firstPicture(page: Page, url: string): Promise<number> {
  const begin = performance.now();
  await page.goto(url);
  await page.locator('.metric-chart:not([data-points="0"])').first().waitFor();
  await drawn(page);
  return performance.now() - begin;
}

/** When everything on the page is there. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.ghost').first().waitFor({ state: 'detached' });
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  await drawn(page);
}

/** After the next picture that the browser draws. */
async function drawn(page: Page): Promise<void> {
  // A text: this project's types for Node know nothing of a page.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
}

export interface Interaction {
  readonly what: string;
  readonly act: (page: Page) => Promise<unknown>;
  /** What is there when it has happened; a selector. */
  readonly until: string;
}

/** Milliseconds from the act to the picture that shows it. */
export async function measure(page: Page, { act, until }: Interaction): Promise<number> {
  await settled(page);
  const begin = performance.now();
  await act(page);
  await page.locator(until).first().waitFor();
  await drawn(page);
  return performance.now() - begin;
}

/** Bytes that the tab's process has for itself alone. Linux. */
export async function tabMemory(browser: Browser, page: Page): Promise<number> {
  await page
    .context()
    .newCDPSession(page)
    .then((session) => session.send('HeapProfiler.collectGarbage'));
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[];
  };
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => privateBytes(id));
  return Math.max(...sizes);
}

function privateBytes(process: number): number {
  const text = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
  const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)].map((match) =>
    Number(match[1]),
  );
  return 1024 * kilobytes.reduce((sum, size) => sum + size, 0);
}
