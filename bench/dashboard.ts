import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openStore } from '../src/store/open-store.js';
import { launchChromium } from '../test/browser/chromium.js';
import {
  median,
  row,
  UsageError,
  type Benchmark,
  type BenchmarkResult,
  type BenchmarkRow,
} from './benchmark.js';
import { firstPicture, measure, settled, tabMemory, type Interaction } from './dashboard/browse.js';
import { writeLargeSweep } from './dashboard/large-sweep.js';

const picture = 1000;
const answer = 200;
const memory = 200;
const repeats = 5;

/** The page over a sweep of 100,000 trials of 8 parameters, in Chromium. */
export const dashboard: Benchmark = {
  name: 'dashboard',
  about: 'the page over a sweep of 100,000 trials: first picture, interactions, memory of the tab',
  flags: { trials: 'how many trials (100000)' },
  run: async (say, flags) => {
    const trials = Number(flags['trials'] ?? 100_000);
    if (!Number.isInteger(trials) || trials < 100) throw new UsageError('--trials must be a number from 100');
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
    try {
      say(`writing ${trials.toLocaleString('en')} trials`);
      const store = await openStore({ directory });
      const sweepId = await writeLargeSweep(store, trials);
      await store.close();
      return await browse(directory, sweepId, trials, say);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function browse(
  directory: string,
  sweepId: string,
  trials: number,
  say: (line: string) => void,
): Promise<BenchmarkResult> {
  const rows: BenchmarkRow[] = [];
  const add = (what: string, ms: number, reach?: number): void => {
    rows.push(row({ what, unit: 'ms', ours: ms, ...(reach !== undefined && { reach }) }, 'lower'));
    say(`${what}: ${Math.round(ms)} ms`);
  };
  const browser = await launchChromium();
  let server = await serve(directory);
  try {
    const cold = await openCold(browser, server.url, sweepId);
    add('first picture, server just started', cold.picture, picture);
    add('everything there, server just started', cold.everything);
    const page = await newPage(browser);
    const times: number[] = [];
    for (let n = 0; n < repeats; n++) {
      times.push(await firstPicture(page, `${server.url}#/sweeps/${sweepId}`));
      await settled(page);
      await page.goto('about:blank');
    }
    add('first picture', median(times), picture);
    await firstPicture(page, `${server.url}#/sweeps/${sweepId}`);
    for (const interaction of interactions) add(interaction.what, await measure(page, interaction), answer);
    await settled(page);
    const megabytes = (await tabMemory(browser, page)) / 1e6;
    rows.push(row({ what: 'memory of the tab', unit: 'MB', ours: megabytes, reach: memory }, 'lower'));
    await page.close();
  } finally {
    await browser.close();
    await server.stop();
    server = { url: '', stop: () => Promise.resolve() };
  }
  return {
    benchmark: 'dashboard',
    rows,
    notes: [
      `${trials.toLocaleString('en')} trials of 8 parameters and 4 metrics, SQLite, a viewport of 1366 x 850.`,
      'First picture: from the address to the first chart with its points drawn. Each interaction is asked for the first time.',
      'The server begins to read the newest sweep when it starts, as `coordinator dashboard` does; what is drawn before all is read says so.',
      'Memory of the tab: what its process has for itself alone, after garbage collection.',
    ],
  };
}

/**
 * Milliseconds on a browser that has never seen the page, of a server that has not read the sweep: to the first chart with
 * points, of as many trials as are read by then, and until all are read and every view has its answer.
 */
async function openCold(
  browser: Browser,
  url: string,
  sweepId: string,
): Promise<{ readonly picture: number; readonly everything: number }> {
  const page = await newPage(browser);
  const begin = performance.now();
  const picture = await firstPicture(page, `${url}#/sweeps/${sweepId}`);
  await page.locator('.connection', { hasText: 'up to date' }).waitFor();
  await settled(page);
  const everything = performance.now() - begin;
  await page.close();
  return { picture, everything };
}

function newPage(browser: Browser): Promise<Page> {
  return browser.newPage({ viewport: { width: 1366, height: 850 } });
}

const interactions: readonly Interaction[] = [
  {
    what: 'another parameter on the axis',
    act: (page) => page.getByRole('combobox', { name: 'Against' }).selectOption('lr'),
    until: '.metrics[data-axis=lr][aria-busy=false] .metric-chart:not([data-points="0"])',
  },
  {
    what: 'another colour',
    act: (page) => page.getByRole('combobox', { name: 'coloured by' }).selectOption('architecture'),
    until: '.metrics[data-colour=architecture][aria-busy=false]',
  },
  {
    what: 'one more metric',
    act: (page) => page.getByRole('checkbox', { name: 'loss' }).check({ force: true }),
    until: '.metrics[aria-busy=false] [data-metric=loss]:not([data-points="0"])',
  },
  {
    what: 'best so far over time',
    act: (page) => page.getByRole('combobox', { name: 'Best so far over' }).selectOption('time'),
    until: '.best-chart',
  },
  {
    what: 'sort the table',
    act: (page) => page.locator('.trials').getByRole('button', { name: 'memory' }).click(),
    until: '.trials[aria-busy=false] th[aria-sort=descending]',
  },
  {
    what: 'next page of the table',
    act: (page) => page.getByRole('button', { name: 'Next' }).click(),
    until: '.trials[data-offset="25"]',
  },
  {
    what: 'pruned trials only',
    act: (page) => page.locator('.trials').getByRole('combobox', { name: 'state' }).selectOption('pruned'),
    until: '.trials[data-offset="0"][aria-busy=false] tr[data-state=pruned]',
  },
  {
    what: 'open a trial',
    act: (page) => page.locator('.trials-table tbody button').first().click(),
    until: 'dialog .curve-chart, .trial-page .curve-chart',
  },
];

interface Served {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function serve(directory: string): Promise<Served> {
  const script = fileURLToPath(new URL('./dashboard/serve.ts', import.meta.url));
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const child: ChildProcess = spawn(process.execPath, ['--import', tsx, script, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('the server has no output');
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}
