import { ErrorCode, NatsError } from 'nats';
import type { ZodType } from 'zod';
import { EnvironmentError, messageOf } from '../support/errors.js';
import type { Subscription } from './bus.js';
import { decodeMessage, encodeMessage } from './codec.js';
import type { BusConnection } from './connection.js';

export interface Answering<Request> {
  readonly subject: string;
  /** How the request is called in the log. */
  readonly what: string;
  readonly schema: ZodType<Request>;
  /** May be a promise of it. */
  readonly answer: (request: Request) => unknown;
}

/** Answers requests. One that is corrupt, or whose answer throws, is logged and left unanswered. */
export function answerRequests<Request>(
  connection: BusConnection,
  { subject, what, schema, answer }: Answering<Request>,
): Subscription {
  const subscription = connection.nats.subscribe(subject, {
    callback: (error, message) => {
      if (error) return;
      const respond = (reply: unknown): void => void message.respond(encodeMessage('the answer', reply));
      connection.guarded(what, () => {
        const reply = answer(decodeMessage('it', schema, message.data));
        if (!(reply instanceof Promise)) return respond(reply);
        reply.then(
          (later) => connection.guarded(what, () => respond(later)),
          (reason: unknown) =>
            connection.guarded(what, () => {
              throw reason;
            }),
        );
      });
    },
  });
  return {
    stop: async () => {
      if (connection.connected) await subscription.drain().catch(() => undefined);
      else subscription.unsubscribe();
    },
  };
}

/** Milliseconds for an answer that is stored before it is given. */
const patience = 20_000;

/** Asks whoever answers there; undefined where nobody does. @throws EnvironmentError where the answer does not come */
export async function requestIfThere<Reply>(
  connection: BusConnection,
  {
    subject,
    what,
    schema,
  }: { readonly subject: string; readonly what: string; readonly schema: ZodType<Reply> },
  request: unknown,
): Promise<Reply | undefined> {
  const payload = encodeMessage(`the ${what}`, request);
  try {
    const reply = await connection.nats.request(subject, payload, { timeout: patience });
    return decodeMessage(`the answer to the ${what}`, schema, reply.data);
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    if (error.code === String(ErrorCode.NoResponders)) return undefined;
    throw new EnvironmentError(`the ${what} was not answered: ${messageOf(error)}`, { cause: error });
  }
}
