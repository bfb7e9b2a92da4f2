import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where sweeps live: database and NATS files. `--dir`, else `SWEEPYARD_DIR`, else `.sweepyard` in the current folder. */
export function dataDirectory(flag?: string): string {
  return resolve(flag ?? process.env['SWEEPYARD_DIR'] ?? '.sweepyard');
}

/** What can be had again: a nats-server, parsed data sets. `SWEEPYARD_CACHE`, else the user's cache directory. */
export function cacheDirectory(): string {
  const explicit = process.env['SWEEPYARD_CACHE'];
  if (explicit) return resolve(explicit);
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sweepyard');
}
