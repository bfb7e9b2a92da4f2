import { describe, expect, it } from 'vitest';
import { decodeJoinString, decodeNatsUrl, encodeJoinString } from '../../src/messaging/join-string.js';
import { UsageError } from '../../src/support/errors.js';

describe('join string', () => {
  it('join string - comes back as it was, whatever is in it', () => {
    for (const address of [
      { host: '127.0.0.1', port: 4222, user: 'worker', password: 'aB3-_xyz' },
      { host: '::1', port: 1, user: 'w@r:k/er', password: 'p%?#[] ä' },
      { host: '10.0.0.3', port: 4222 },
      { host: '10.0.0.3', port: 4222, user: 'w', password: 'x', pool: 'gpu', tls: `MII${'b_-'.repeat(100)}` },
      { host: 'gpu-17.example.org', port: 65535, user: 'worker', password: 'x' },
    ]) {
      expect(decodeJoinString(encodeJoinString(address))).toEqual(address);
    }
  });

  const form = 'a join string looks like sweepyard://user:password@host:port';
  it.each([
    ['', `${form}; this one is empty`],
    ['hello there', `${form}; this one (11 characters) is no address at all`],
    ['nats://worker:secret@127.0.0.1:4222', `${form}; this one starts with nats://`],
    ['sweepyard://worker:secret@127.0.0.1', `${form}; this one names no port`],
    ['sweepyard://worker@127.0.0.1:4222', `${form}; this one lacks the password`],
    ['sweepyard://:secret@127.0.0.1:4222', `${form}; this one lacks the user`],
    ['sweepyard://worker:secret@127.0.0.1:4222/etc', `${form}; this one goes on after the port`],
    [
      'sweepyard://worker:secret@127.0.0.1:4222?tls=abc',
      'a join string was cut or changed on its way: its "tls" is none',
    ],
    [
      'sweepyard://worker:secret@127.0.0.1:4222?via=relay',
      'a join string with "via" needs a newer version of Sweepyard',
    ],
  ])('join string - %j is refused with its reason and without its password', (text, message) => {
    expect(() => decodeJoinString(text)).toThrow(new UsageError(message));
    expect(message).not.toContain('secret');
  });

  it('nats address - the servers of a cluster follow one another, and travel in the join string', () => {
    const address = { host: 'a', port: 4222, user: 'me', password: 'se,cret', others: ['b:4222', '[::1]:7'] };
    expect(decodeNatsUrl('nats://me:se,cret@a,b,[::1]:7')).toEqual(address);
    expect(decodeNatsUrl('nats://me:se,cret@a:4222, nats://b:4222,nats://[::1]:7')).toEqual(address);
    expect(decodeJoinString(encodeJoinString(address))).toEqual(address);
    expect(() => decodeNatsUrl('nats://me:secret@a,nats://you:secret@b')).toThrow(
      /same user and password.*b:4222 differs/,
    );
    expect(() => decodeNatsUrl('nats://a,tls://b')).toThrow(/all encrypted or none/);
    expect(() => decodeJoinString('sweepyard://a:1?others=b')).toThrow(/its "others" is none/);
  });

  it('nats address - user and port may be left out', () => {
    expect(decodeNatsUrl('nats://localhost')).toEqual({ host: 'localhost', port: 4222 });
    expect(decodeNatsUrl('nats://me:secret@[::1]:99')).toEqual({
      host: '::1',
      port: 99,
      user: 'me',
      password: 'secret',
    });
    expect(decodeNatsUrl('tls://nats.example.org')).toEqual({
      host: 'nats.example.org',
      port: 4222,
      tls: 'system',
    });
    expect(() => decodeNatsUrl('localhost:4222')).toThrow(
      new UsageError(
        'a NATS address looks like nats://user:password@host:port; this one starts with localhost://',
      ),
    );
  });
});
