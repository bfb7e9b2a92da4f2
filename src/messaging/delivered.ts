import type { Msg } from 'nats';

/**
 * Answers to a message that JetStream handed over (the protocol is ADR-13 and ADR-15 of nats-io). They are sent, not
 * confirmed: an answer that is lost brings the message back, which everybody must bear anyway.
 */
export function acknowledge(message: Msg): void {
  message.respond('+ACK');
}

/** Restarts the acknowledgement wait. */
export function inProgress(message: Msg): void {
  message.respond('+WPI');
}

/** To be delivered again after so many milliseconds. */
export function handBack(message: Msg, delay: number): void {
  message.respond(delay > 0 ? `-NAK ${JSON.stringify({ delay: Math.round(delay * 1e6) })}` : '-NAK');
}

/** Never to be delivered again, though nobody dealt with it. */
export function putAside(message: Msg): void {
  message.respond('+TERM');
}

/** How often the message was delivered before this time. */
export function redeliveries(message: Msg): number {
  return Math.max(0, replyNumber(message, 0) - 1);
}

/** Counts what the consumer has delivered: 1, 2, 3, ... without a gap, unless something was lost on the way. */
export function deliverySequence(message: Msg): number {
  return replyNumber(message, 2);
}

/** Where it stands in its stream. */
export function streamSequence(message: Msg): number {
  return replyNumber(message, 1);
}

/** `$JS.ACK.<stream>.<consumer>.<delivered>.<stream sequence>.<delivery sequence>. ...` */
function replyNumber(message: Msg, index: number): number {
  const tokens = message.reply?.split('.') ?? [];
  // Where there is a domain, it and the account's hash come before the stream.
  return Number(tokens[(tokens.length >= 11 ? 6 : 4) + index]);
}
