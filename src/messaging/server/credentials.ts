import { createHmac, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import type { User } from './server-record.js';

/** Stands for the workers of every pool. */
export const everyPool = '*';

/**
 * Who workers of a pool are to nats-server: a user for each pool, so that one whose join string was stolen can't take
 * another pool's assignments. The password follows from the server's secret: nothing is to be kept for each pool.
 */
export function workerOf(pool: string, secret: string): User {
  const password = createHmac('sha256', secret).update(pool).digest('base64url').slice(0, 24);
  return { user: pool === everyPool ? 'worker' : `worker.${pool}`, password };
}

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A certificate of the server's own, for ten years. Join strings carry it whole, and who joins accepts no other: so it
 * needs no authority, and its names do not matter.
 */
export async function newCertificate(): Promise<Certificate> {
  const until = new Date();
  until.setFullYear(until.getFullYear() + 10);
  const made = await generate([{ name: 'commonName', value: 'sweepyard' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: until,
  });
  return { certificate: made.cert, key: made.private };
}

/** The certificate as join strings carry it: DER in base64url. */
export function pinOf(certificate: string): string {
  return new X509Certificate(certificate).raw.toString('base64url');
}
