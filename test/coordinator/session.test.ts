import { describe, expect, it, onTestFinished } from 'vitest';
import { openNats, type Nats } from '../../src/coordinator/session.js';
import type { NatsAddress } from '../../src/messaging/join-string.js';
import { UsageError } from '../../src/support/errors.js';
import { natsProgram, startTestNats, type TestNats } from '../support/nats.js';

const silent = (): void => undefined;

function urlOf({ host, port, user = '', password = '' }: NatsAddress): string {
  return `nats://${user}:${password}@${host}:${port}`;
}

async function open(nats: TestNats, more: { workerNats?: string } = {}): Promise<Nats> {
  const { directory } = nats;
  const url = urlOf(nats.coordinator);
  const opened = await openNats({ directory, say: silent, warn: silent, nats: url, ...more });
  onTestFinished(() => opened.close());
  return opened;
}

describe.skipIf(!natsProgram)('session', () => {
  it("session - the coordinator's credentials at a server of the user's are shown to nobody", async () => {
    const test = await startTestNats({ untilTestEnds: true });
    const nats = await open(test);
    const invitation = await nats.invitationFor('default');
    expect(invitation).not.toContain(test.coordinator.password);
    expect(invitation).toContain('with the credentials that this nats-server has for workers');
  });

  it('session - with --worker-nats workers, also those of this machine, join with these credentials', async () => {
    const test = await startTestNats({ untilTestEnds: true });
    const nats = await open(test, { workerNats: urlOf(test.worker) });
    const join = await nats.joinStringFor('default');
    expect(join).toContain(test.worker.password);
    expect(join).not.toContain(test.coordinator.password);
    expect(await nats.invitationFor('default')).toBe(`worker start --join ${join}`);
  });

  it('session - what is said about a server without naming it is an error', async () => {
    const options = { directory: 'nowhere', say: silent, warn: silent, workerNats: 'nats://w:w@127.0.0.1:1' };
    await expect(openNats(options)).rejects.toThrow(UsageError);
  });
});
