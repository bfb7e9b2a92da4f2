import { UsageError } from '../support/errors.js';

/** Where a nats-server is and who we are to it. */
export interface NatsAddress {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

const defaultPort = 4222;

/**
 * What a worker needs to join, as one string without spaces: `sweepyard://user:password@host:port`; without user and
 * password for a nats-server that asks for none.
 */
export function encodeJoinString(address: NatsAddress): string {
  return toUrl('sweepyard', address);
}

/** @throws UsageError naming what is wrong; the text never repeats the password. */
export function decodeJoinString(text: string): NatsAddress {
  return fromUrl('a join string', 'sweepyard', text.trim(), true);
}

/** `nats://user:password@host:port`, as `--nats` takes it. The port may be left out (4222). @throws UsageError */
export function decodeNatsUrl(text: string): NatsAddress {
  return fromUrl('a NATS address', 'nats', text.trim(), false);
}

/** The address without its password, for people to read. */
export function describeAddress(address: NatsAddress): string {
  return `${bracketed(address.host)}:${address.port}`;
}

function toUrl(scheme: string, { host, port, user, password }: NatsAddress): string {
  const credentials =
    user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`;
  return `${scheme}://${credentials}${bracketed(host)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function fromUrl(what: string, scheme: string, text: string, portNeeded: boolean): NatsAddress {
  const form = `${what} looks like ${scheme}://user:password@host:port`;
  if (text === '') throw new UsageError(`${form}; this one is empty`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new UsageError(`${form}; this one (${text.length} characters) is no address at all`);
  if (url.protocol !== `${scheme}:`) {
    throw new UsageError(`${form}; this one starts with ${url.protocol}//`);
  }
  if (url.hostname === '') throw new UsageError(`${form}; this one names no host`);
  if (portNeeded && url.port === '') throw new UsageError(`${form}; this one names no port`);
  if ((url.username === '') !== (url.password === '')) {
    throw new UsageError(`${form}; this one lacks the ${url.username === '' ? 'user' : 'password'}`);
  }
  if (url.pathname.replace('/', '') !== '' || url.hash !== '') {
    throw new UsageError(`${form}; this one goes on after the port`);
  }
  // Later versions add parameters (TLS); who does not know one must not join without it.
  const [unknown] = [...url.searchParams.keys()];
  if (unknown !== undefined) {
    throw new UsageError(`${what} with "${unknown}" needs a newer version of Sweepyard`);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}
