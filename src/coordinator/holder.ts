import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAlive } from '../messaging/server/processes.js';

const here = place();

/** How a coordinator signs its leases: `host/place:pid`. */
export function holderName(): string {
  return `${hostname()}/${here}:${process.pid}`;
}

/** Whether the holder of a lease was a process of this machine that is no more. */
export function isGone(holder: string): boolean {
  const { place, pid } = partsOf(holder);
  return place === here && !isAlive(pid);
}

/** For a user to read. */
export function describeHolder(holder: string): string {
  const { host, pid } = partsOf(holder);
  return `on ${host}, process ${pid}`;
}

function partsOf(holder: string): { host: string; place: string | undefined; pid: number } {
  const colon = holder.lastIndexOf(':');
  const [host = '', place] = holder.slice(0, colon).split('/');
  return { host, place, pid: Number(holder.slice(colon + 1)) };
}

/**
 * Where process numbers mean what they mean here: this boot of this machine, and this container on it. Names of hosts
 * are no help: cloned machines and containers have the same one, and would take each other for dead.
 */
function place(): string {
  let text: string;
  try {
    text = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8') + readlinkSync('/proc/self/ns/pid');
  } catch {
    // No Linux, and no containers.
    text = hostname();
  }
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
