import { z, type ZodType } from 'zod';
import { maxMessageBytes } from './streams.js';
import { protocolVersion } from './messages.js';

/** What came over the bus is not what it should be. `version`: another release of Sweepyard wrote it. */
export class MessageRefusedError extends Error {
  override readonly name = 'MessageRefusedError';
  constructor(
    message: string,
    readonly reason: 'corrupt' | 'version',
  ) {
    super(message);
  }
}

/** The message has more bytes than the bus takes. Nothing was sent. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';
  constructor(
    readonly what: string,
    readonly bytes: number,
  ) {
    super(`${what} has ${bytes} bytes as JSON; a message may have at most ${maxMessageBytes}`);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** @throws MessageTooLargeError, with `what` as the name of the thing. */
export function encodeMessage(what: string, message: unknown): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(message));
  if (bytes.length > maxMessageBytes) throw new MessageTooLargeError(what, bytes.length);
  return bytes;
}

/** The same as text, for what is sent as a part of a message. @throws MessageTooLargeError */
export function messageText(what: string, message: unknown): string {
  const text = JSON.stringify(message);
  // No character has more than three bytes (of UTF-8, by UTF-16 units).
  if (text.length * 3 > maxMessageBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxMessageBytes) throw new MessageTooLargeError(what, bytes);
  }
  return text;
}

/** @throws MessageRefusedError, with `what` as the name of the thing. */
export function decodeMessage<T>(what: string, schema: ZodType<T>, data: Uint8Array): T {
  return checkMessage(what, schema, parseJson(what, data));
}

/** A message, or a part of one, that is read already. @throws MessageRefusedError, with `what` as the name of the thing. */
export function checkMessage<T>(what: string, schema: ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const version = z.object({ version: z.number() }).safeParse(value);
  if (version.success && version.data.version !== protocolVersion) {
    throw new MessageRefusedError(
      `${what} is of protocol version ${version.data.version}, this Sweepyard speaks version ${protocolVersion}`,
      'version',
    );
  }
  const [issue] = parsed.error.issues;
  throw new MessageRefusedError(
    `${what} is not valid: ${issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'unknown reason'}`,
    'corrupt',
  );
}

function parseJson(what: string, data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data)) as unknown;
  } catch (error) {
    throw new MessageRefusedError(`${what} is not JSON: ${(error as Error).message}`, 'corrupt');
  }
}
