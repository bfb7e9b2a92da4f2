import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, messageOf } from '../../support/errors.js';

const userSchema = z.object({ user: z.string(), password: z.string() });

const recordSchema = z.object({
  /** Of the server that runs, or ran last. */
  pid: z.int().positive(),
  host: z.string(),
  port: z.int().positive(),
  coordinator: userSchema,
  /** What workers' passwords are derived from (`credentials.ts`). */
  workerSecret: z.string(),
  /** Pools whose workers are let in. */
  pools: z.array(z.string()),
  /** PEM, where connections are encrypted. Its key is in a file of its own. */
  certificate: z.string().optional(),
});

/**
 * What is known of the nats-server of a data directory, in `<dir>/nats/server.json`, readable by its owner alone. It
 * outlives the server: the next one listens on the same port with the same credentials, so that workers find it again.
 */
export type ServerRecord = z.infer<typeof recordSchema>;
export type User = z.infer<typeof userSchema>;

/** The files of the nats-server of one data directory. */
export interface ServerFiles {
  readonly directory: string;
  readonly record: string;
  readonly config: string;
  readonly log: string;
  readonly store: string;
  readonly users: string;
  readonly lock: string;
  readonly certificate: string;
  readonly key: string;
}

export function serverFiles(dataDirectory: string): ServerFiles {
  const directory = join(dataDirectory, 'nats');
  return {
    directory,
    record: join(directory, 'server.json'),
    config: join(directory, 'nats-server.conf'),
    log: join(directory, 'nats-server.log'),
    store: join(directory, 'store'),
    users: join(directory, 'users'),
    lock: join(directory, 'lock'),
    certificate: join(directory, 'certificate.pem'),
    key: join(directory, 'key.pem'),
  };
}

/** @throws EnvironmentError where they can't be written. */
export async function makeFolders({ directory, store, users }: ServerFiles): Promise<void> {
  try {
    await mkdir(store, { recursive: true, mode: 0o700 });
    await mkdir(users, { recursive: true, mode: 0o700 });
    const probe = join(store, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new EnvironmentError(
      `nats-server needs to write to ${directory}, which is not possible: ${messageOf(error)}; --dir chooses another place`,
      { cause: error },
    );
  }
}

export async function readRecord(files: ServerFiles): Promise<ServerRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(files.record, 'utf8')));
  } catch {
    // None yet, or half a file of a machine that lost power: both begin anew.
    return undefined;
  }
}

export async function writeRecord(files: ServerFiles, record: ServerRecord): Promise<void> {
  await writePrivate(files.record, JSON.stringify(record, undefined, 2));
}

/** Replaces the file as a whole; it is readable by its owner alone from the start. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** 144 bits, letters and digits and `-_` only: safe in URLs and configuration files. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}
