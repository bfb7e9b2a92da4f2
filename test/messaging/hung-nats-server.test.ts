import { rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { storesMessages } from '../../src/messaging/server/hang-watch.js';
import { startNatsServer } from '../../src/messaging/server/nats-server.js';
import { isAlive } from '../../src/messaging/server/processes.js';
import { natsProgram, temporaryDirectory } from '../support/nats.js';

describe.skipIf(!natsProgram)('a nats-server that hangs', () => {
  it('nats-server - lives and answers nobody: it is ended and started again, where it was', async () => {
    const directory = await temporaryDirectory();
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const said: string[] = [];
    const server = await startNatsServer({
      directory,
      program: natsProgram ?? { path: 'none', version: '0' },
      hangPatience: 6_000,
      say: (line) => said.push(line),
    });
    onTestFinished(() => server.release());
    const { pid, coordinatorAddress } = server;
    expect(await storesMessages(coordinatorAddress, 20_000)).toBe(true);
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => isAlive(pid), { timeout: 40_000 }).toBe(false);
    await expect.poll(() => server.pid, { timeout: 40_000 }).not.toBe(pid);
    expect(server.coordinatorAddress).toEqual(coordinatorAddress);
    await expect.poll(() => storesMessages(coordinatorAddress, 20_000), { timeout: 40_000 }).toBe(true);
    expect(said[0]).toMatch(
      new RegExp(`^nats-server \\(process ${pid}\\) lives and has not answered for \\d+ s; ending it$`),
    );
  }, 120_000);
});
