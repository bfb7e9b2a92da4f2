import { randomBytes } from 'node:crypto';
import { cpus, hostname, totalmem } from 'node:os';
import type { Machine } from './announcer.js';

/**
 * What this process is to the fleet. The id is the host's name, as far as the bus takes it, and eight random
 * characters: two workers on one machine differ, as do two lives of one worker.
 */
export function describeMachine(options: {
  readonly name?: string;
  readonly pool: string;
  readonly slots: number;
  /** What trains: a backend's name and what computes. */
  readonly backend: { readonly name: string; readonly device: string };
}): Machine {
  const { pool, slots, backend } = options;
  const host = hostname();
  const processors = cpus();
  const processor = processors[0]?.model.trim() || process.arch;
  return {
    id: `${asToken(options.name ?? host)}-${randomBytes(4).toString('hex')}`,
    host: host.slice(0, 256),
    pid: process.pid,
    pool,
    slots,
    backend: backend.name,
    device: `${backend.device}; ${processor} (${processors.length} cores)`.slice(0, 256),
    memoryBytes: totalmem(),
    startedAt: Date.now(),
  };
}

function asToken(name: string): string {
  return name.replace(/[^0-9A-Za-z_-]+/g, '-').slice(0, 60) || 'worker';
}
