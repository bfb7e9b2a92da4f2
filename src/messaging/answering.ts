import type { ZodType } from 'zod';
import type { Subscription } from './bus.js';
import { decodeMessage, encodeMessage } from './codec.js';
import type { BusConnection } from './connection.js';

export interface Answering<Request> {
  readonly subject: string;
  /** How the request is called in the log. */
  readonly what: string;
  readonly schema: ZodType<Request>;
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
      connection.guarded(what, () => {
        message.respond(encodeMessage('the answer', answer(decodeMessage('it', schema, message.data))));
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
