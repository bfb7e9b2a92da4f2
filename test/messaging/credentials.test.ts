import { connect as connectTcp } from 'node:net';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectToNats } from '../../src/messaging/connection.js';
import { decodeJoinString, encodeJoinString, type NatsAddress } from '../../src/messaging/join-string.js';
import { connectCoordinatorBus } from '../../src/messaging/nats-coordinator-bus.js';
import { connectWorkerBus } from '../../src/messaging/nats-worker-bus.js';
import { newCertificate, pinOf } from '../../src/messaging/server/credentials.js';
import { startNatsServer, type NatsServer } from '../../src/messaging/server/nats-server.js';
import { coordinatorBus } from '../support/buses.js';
import { assignment } from '../support/messages.js';
import { natsProgram, startTestNats, temporaryDirectory } from '../support/nats.js';

async function workerOf(address: NatsAddress): ReturnType<typeof connectWorkerBus> {
  const bus = await connectWorkerBus({ address, name: 'test worker' });
  onTestFinished(() => bus.close());
  return bus;
}

describe.skipIf(!natsProgram)('credentials', () => {
  it('credentials - a worker of one pool can not take the assignments of another', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const green = decodeJoinString(await nats.server.joinStringFor('green'));
    const blue = decodeJoinString(await nats.server.joinStringFor('blue'));
    expect(green).toMatchObject({ user: 'worker.green', pool: 'green' });
    expect(blue.password).not.toBe(green.password);
    for (const pool of ['green', 'blue']) {
      await coordinator.openPool(pool);
      await coordinator.publishAssignments(pool, [assignment(0, `sweep-${pool}`)]);
    }
    // Its own comes at once; for the other's it waits in vain, and the other is still there for who may have it.
    const thief = await workerOf(green);
    const stolen = await thief.nextAssignment('blue', AbortSignal.timeout(1_500)).catch(() => undefined);
    expect(stolen).toBeUndefined();
    const own = await thief.nextAssignment('green', AbortSignal.timeout(5_000));
    expect(own?.assignment.sweepId).toBe('sweep-green');
    const rightful = await (await workerOf(blue)).nextAssignment('blue', AbortSignal.timeout(5_000));
    expect(rightful?.assignment.sweepId).toBe('sweep-blue');
  });

  it('credentials - a pool is let in while others work, and its join string stays the same after a restart', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const first = decodeJoinString(await nats.server.joinStringFor('first'));
    const connection = await connectToNats({ address: first, name: 'w', role: 'worker' });
    const second = await nats.server.joinStringFor('second');
    expect(connection.connected).toBe(true);
    await connection.close();
    nats.kill();
    await expect
      .poll(
        () =>
          connectToNats({ address: decodeJoinString(second), name: 'w', role: 'worker' }).then(
            (c) => c.close().then(() => true),
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    expect(await nats.server.joinStringFor('second')).toBe(second);
  });
});

/** One that listens on every interface, as `--listen 0.0.0.0` has it. */
async function outwardServer(): Promise<{ server: NatsServer; directory: string }> {
  const directory = await temporaryDirectory();
  const server = await startNatsServer({ directory, program: natsProgram!, host: '0.0.0.0' });
  onTestFinished(() => server.release());
  return { server, directory };
}

describe.skipIf(!natsProgram)('encryption', () => {
  it('encryption - whoever listens to other machines encrypts; a join string brings the certificate', async () => {
    const { server, directory } = await outwardServer();
    const join1 = await server.joinStringFor('default');
    const address = { ...decodeJoinString(join1), host: '127.0.0.1' };
    expect(address.tls).toBeDefined();
    expect(decodeJoinString(encodeJoinString(address))).toEqual(address);
    const coordinator = await connectCoordinatorBus({ address: server.coordinatorAddress, name: 'c' });
    onTestFinished(() => coordinator.close());
    await coordinator.openPool('default');
    await coordinator.publishAssignments('default', [assignment(0, 's')]);
    const delivery = await (await workerOf(address)).nextAssignment('default', AbortSignal.timeout(5_000));
    expect(delivery?.assignment.sweepId).toBe('s');
    const key = join(directory, 'nats', 'key.pem');
    expect((await stat(key)).mode & 0o077).toBe(0);
    expect(await readFile(key, 'utf8')).toContain('PRIVATE KEY');
  });

  it('encryption - without the certificate, or with another one, nobody gets in and no password is sent', async () => {
    const { server } = await outwardServer();
    const plain = server.coordinatorAddress;
    const other = { ...plain, tls: pinOf((await newCertificate()).certificate) };
    await expect(connectToNats({ address: other, name: 'x', role: 'coordinator' })).rejects.toThrow(
      /no nats-server answers at .*certificate/i,
    );
    await expect(
      connectToNats({ address: { ...plain, tls: 'system' }, name: 'x', role: 'coordinator' }),
    ).rejects.toThrow(/self.signed certificate/i);
    // The server says first of all that it wants TLS, and takes nothing else.
    const socket = connectTcp(plain.port, '127.0.0.1');
    const answers: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => answers.push(text));
    await expect.poll(() => answers.join('')).toContain('"tls_required":true');
    socket.write(`CONNECT {"user":"${plain.user}","pass":"${plain.password}","verbose":true}\r\nPING\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answers.join('')).not.toContain('PONG');
  });
});
