import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorePlace } from '../contract/harness.js';

/** A new folder, whose name has all that a URL could stumble over. */
export async function sqlitePlace(): Promise<StorePlace> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard store #1?%20é-'));
  return { options: { directory }, remove: () => rm(directory, { recursive: true }) };
}
