import { readdirSync, readFileSync } from 'node:fs';

/**
 * Bytes of memory that the processes of these sessions use together (the proportional set size: memory that several
 * share is counted once), by session. A program that a trial started is the leader of its own session; what it starts
 * stays in it. Reads `/proc`; undefined where there is none.
 */
export function sessionMemory(sessions: Iterable<number>): Map<number, number> | undefined {
  const memory = new Map<number, number>();
  for (const session of sessions) memory.set(session, 0);
  if (memory.size === 0) return memory;
  if (process.platform !== 'linux') return undefined;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const session = sessionOf(name);
    const sum = session === undefined ? undefined : memory.get(session);
    if (session !== undefined && sum !== undefined) memory.set(session, sum + memoryOf(name));
  }
  return memory;
}

function sessionOf(pid: string): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // `pid (name) state ppid pgrp session ...`; the name may contain anything, also `)`.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[3] === undefined ? undefined : Number(fields[3]);
}

function memoryOf(pid: string): number {
  const kilobytes =
    /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '') ??
    /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '');
  return kilobytes ? Number(kilobytes[1]) * 1024 : 0;
}

/** Undefined where the process is gone by now, or another user's. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
