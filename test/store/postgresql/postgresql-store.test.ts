import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whenThere } from '../../../src/coordinator/when-there.js';
import { DatabaseAwayError } from '../../../src/store/database-away-error.js';
import { openStore } from '../../../src/store/open-store.js';
import { EnvironmentError, UsageError } from '../../../src/support/errors.js';
import { sweepStoreContract } from '../../contract/sweep-store.js';
import { definition, newTrials } from '../contract/harness.js';
import type { PostgresqlServer } from './postgresql-server.js';
import { findPostgresql, startPostgresql } from './postgresql-server.js';

const programs = findPostgresql();
const skip = typeof programs === 'string' ? programs : undefined;
let server: PostgresqlServer;

beforeAll(async () => {
  if (typeof programs !== 'string') server = await startPostgresql(programs);
});
afterAll(() => server?.stop());

sweepStoreContract('PostgreSQL', () => server.place(), skip);

describe.skipIf(skip !== undefined)('PostgreSQL', () => {
  const open = (database: string, readOnly = false) => openStore({ directory: 'unused', database, readOnly });
  const refusal = async (opening: Promise<unknown>): Promise<Error> => {
    const error: unknown = await opening.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EnvironmentError);
    return error as Error;
  };

  test('opening - says what is wrong, without the password', async () => {
    const base = `postgresql://sweepyard:secret@127.0.0.1:${server.port}`;
    expect((await refusal(open(`${base}/nowhere`))).message).toBe(
      `the database postgresql://sweepyard@127.0.0.1:${server.port}/nowhere does not exist: make it with \`createdb\`, or name another one in --database`,
    );
    expect((await refusal(open('postgresql://me:secret@127.0.0.1:1/x'))).message).toBe(
      'the database postgresql://me@127.0.0.1:1/x does not answer: start its server, or look at the host and port of --database',
    );
    await expect(open('mysql://me:secret@localhost/x')).rejects.toThrow(
      new UsageError(
        '--database wants postgresql://user:password@host:port/database, and is given mysql://...',
      ),
    );
    await expect(open('nonsense')).rejects.toThrow('something that is no URL');
  });

  test('opening - leaves the tables of another program alone, and a reader makes none', async () => {
    const { options, remove } = await server.place();
    const url = options.database as string;
    expect((await refusal(open(url, true))).message).toContain('is empty: no sweep has run there yet');
    await server.query(new URL(url).pathname.slice(1), 'CREATE TABLE customers (id integer)');
    expect((await refusal(open(url))).message).toContain('belongs to another program');
    await remove();
  });

  test('opening - a server that breaks the connection meanwhile, and one that is not there yet, may be back', async () => {
    const breaks = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end());
    });
    await once(breaks.listen(0, '127.0.0.1'), 'listening');
    const { port } = breaks.address() as AddressInfo;
    const error = await refusal(open(`postgresql://me:secret@127.0.0.1:${port}/x`));
    expect(error).toBeInstanceOf(DatabaseAwayError);
    expect(error.message).toBe(
      `the database postgresql://me@127.0.0.1:${port}/x broke the connection: look at its server, then run the same command again`,
    );
    await once(breaks.close(), 'close');

    const { options, remove } = await server.place();
    const path = new URL(options.database as string).pathname;
    const database = `postgresql://sweepyard:secret@127.0.0.1:${port}${path}`;
    const said: string[] = [];
    // It comes up once the coordinator has said that it waits.
    const forward = createServer((socket) => {
      const onward = connect(server.port, '127.0.0.1');
      for (const one of [socket, onward]) one.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    const store = await whenThere(
      () => openStore({ directory: 'unused', database }),
      (line) => {
        said.push(line);
        forward.listen(port, '127.0.0.1');
      },
      new AbortController().signal,
    );
    expect(await store?.listSweeps()).toEqual([]);
    expect(said).toEqual([
      expect.stringMatching(/^waiting until it is back: the database .* does not answer/),
    ]);
    await store?.close();
    forward.close();
    await remove();
  });

  test('opening - by several at once migrates once', async () => {
    const { options, remove } = await server.place();
    const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(options)));
    expect(await stores[3]?.listSweeps()).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
    await remove();
  });

  test('a connection that broke - is an error that says so, and the next call works', async () => {
    const { options, remove } = await server.place();
    const store = await openStore(options);
    const { id } = await store.createSweep({ definition: definition(), source: '' });
    const database = new URL(options.database as string).pathname.slice(1);
    await server.query(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`,
    );
    const attempt = () => store.addTrials(id, newTrials(3));
    await attempt().catch((error: unknown) => expect(error).toBeInstanceOf(EnvironmentError));
    await attempt();
    expect(await store.countTrials(id)).toMatchObject({ queued: 3 });
    await store.close();
    await remove();
  });
});
