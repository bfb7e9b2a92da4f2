import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  MessageRefusedError,
  MessageTooLargeError,
} from '../../src/messaging/codec.js';
import { claimSchema } from '../../src/messaging/messages.js';
import { busTimings } from '../../src/messaging/timings.js';
import { UsageError } from '../../src/support/errors.js';

const claim = { version: 1, workerId: 'w', sweepId: 's', numbers: [1] };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function refusal(data: Uint8Array): MessageRefusedError {
  try {
    decodeMessage('claim', claimSchema, data);
  } catch (error) {
    if (error instanceof MessageRefusedError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('codec', () => {
  it('codec - a message comes back as it was', () => {
    expect(decodeMessage('claim', claimSchema, encodeMessage('claim', claim))).toEqual(claim);
  });

  it('codec - what is not JSON, not UTF-8 or not of the schema is corrupt', () => {
    expect(refusal(bytes('{"version":')).message).toMatch(/^claim is not JSON: /);
    expect(refusal(Uint8Array.of(0xff, 0xfe, 0x00)).reason).toBe('corrupt');
    expect(refusal(bytes(JSON.stringify({ ...claim, numbers: ['x'] })))).toMatchObject({
      reason: 'corrupt',
      message: expect.stringMatching(/^claim is not valid: numbers\.0: /) as string,
    });
  });

  it('codec - a message of another protocol version says so', () => {
    const other = refusal(bytes(JSON.stringify({ ...claim, version: 2, numbers: 'new form' })));
    expect(other.reason).toBe('version');
    expect(other.message).toBe('claim is of protocol version 2, this Sweepyard speaks version 1');
  });

  it('codec - a message that the bus does not take is refused before it is sent', () => {
    expect(() => encodeMessage('report 3', { text: 'x'.repeat(1_000_000) })).toThrow(
      new MessageTooLargeError('report 3', 1_000_011),
    );
    expect(new MessageTooLargeError('report 3', 1_000_011).message).toBe(
      'report 3 has 1000011 bytes as JSON; a message may have at most 1000000',
    );
  });
});

describe('timings', () => {
  it('timings - the environment replaces the defaults, and nonsense is named', () => {
    expect(busTimings({})).toEqual({ ackWait: 30_000, fleetTtl: 10_000, leaseTtl: 6_000 });
    expect(busTimings({ SWEEPYARD_ACK_WAIT: '1500' }).ackWait).toBe(1500);
    expect(() => busTimings({ SWEEPYARD_FLEET_TTL: '5s' })).toThrow(
      new UsageError('SWEEPYARD_FLEET_TTL must be milliseconds between 500 and 3600000, not "5s"'),
    );
  });
});
