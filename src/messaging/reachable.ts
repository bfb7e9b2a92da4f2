import { ErrorCode, NatsError } from 'nats';
import { encodeMessage } from './codec.js';
import type { BusConnection } from './connection.js';
import { protocolVersion, type Ping } from './messages.js';
import { commandSubject } from './subjects.js';

/** Milliseconds to answer. Who does not may be busy. */
const patience = 1_000;

/**
 * Whether a worker listens: nats-server tells at once where its connection is closed, as that of a process that was
 * killed is. Undefined where that is not known: nobody answers, yet the connection stands.
 */
export async function isReachable(connection: BusConnection, workerId: string): Promise<boolean | undefined> {
  const ping = encodeMessage('ping', { version: protocolVersion, kind: 'ping' } satisfies Ping);
  try {
    await connection.nats.request(commandSubject(workerId), ping, { timeout: patience });
    return true;
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    return error.code === String(ErrorCode.NoResponders) ? false : undefined;
  }
}
