import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import { decodeMessage, encodeMessage, MessageRefusedError } from '../../src/messaging/codec.js';
import {
  assignmentSchema,
  claimReplySchema,
  claimSchema,
  commandSchema,
  reportMessageSchema,
  reportSchema,
  workerStateSchema,
} from '../../src/messaging/messages.js';
import { assignment, claim, report, workerState } from '../support/messages.js';

const schemas = {
  assignment: assignmentSchema,
  claim: claimSchema,
  'claim reply': claimReplySchema,
  command: commandSchema,
  report: reportSchema,
  reports: reportMessageSchema,
  'worker state': workerStateSchema,
};
const valid: Readonly<Record<string, unknown>> = {
  assignment: assignment(1).assignment,
  claim: claim([1, 2]),
  report: report(1, 2),
  'worker state': workerState('w1'),
};
const inputs = 1_000;

/** What it is, or that it was refused; anything else is thrown. */
function decoded(schema: ZodType, data: Uint8Array): unknown {
  try {
    return decodeMessage('it', schema, data);
  } catch (error) {
    if (!(error instanceof MessageRefusedError)) throw error;
    expect(error.message).toMatch(/^it is (not JSON|not valid|of protocol version)/);
    expect(error.message.length).toBeLessThan(2_000);
    return undefined;
  }
}

describe(`decoder - ${inputs} random inputs of each kind for each of ${Object.keys(schemas).length} messages`, () => {
  it.each(Object.entries(schemas))('decoder - any bytes are a %s or refused', (_, schema) => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, (data) => void decoded(schema, data)),
      { numRuns: inputs },
    );
  });

  it.each(Object.entries(valid))(
    'decoder - a %s with anything in one place is one still, or refused',
    (name, message) => {
      const schema = schemas[name as keyof typeof schemas];
      const keys = Object.keys(message as object);
      fc.assert(
        fc.property(fc.constantFrom(...keys, '__proto__', 'extra'), fc.jsonValue(), (key, value) => {
          // As JSON has it: `__proto__` is a key like any other there.
          const text = JSON.stringify({ ...(message as object), changed: 0 }).replace(
            '"changed":0',
            `${JSON.stringify(key)}:${JSON.stringify(value)}`,
          );
          const found = decoded(schema, new TextEncoder().encode(text));
          if (found === undefined) return;
          // Whatever was let through can be sent on, and says the same then.
          expect(decoded(schema, encodeMessage('it', found))).toEqual(found);
          expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        }),
        { numRuns: inputs },
      );
    },
  );

  it('decoder - what is cut off anywhere is refused', () => {
    for (const [name, message] of Object.entries(valid)) {
      const whole = encodeMessage('it', message);
      for (let length = 0; length < whole.length; length++)
        expect(decoded(schemas[name as keyof typeof schemas], whole.subarray(0, length))).toBeUndefined();
    }
  });
});
