import { UsageError } from '../support/errors.js';

/** Where a nats-server is and who we are to it. */
export interface NatsAddress {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  /**
   * The connection is encrypted: `system` trusts who the system trusts; else the one certificate that is accepted, DER
   * in base64url. Absent: not encrypted.
   */
  readonly tls?: string;
  /** `host:port` of the other servers of its cluster, which take the same user and password. */
  readonly others?: readonly string[];
  /** Whose assignments these credentials are for. Absent: any pool's, or a server that tells no pools apart. */
  readonly pool?: string;
}

const defaultPort = 4222;

/**
 * What a worker needs to join, as one string without spaces: `sweepyard://user:password@host:port?pool=...&tls=...`;
 * without user and password for a nats-server that asks for none.
 */
export function encodeJoinString(address: NatsAddress): string {
  return toUrl('sweepyard', address);
}

/** @throws UsageError naming what is wrong; the text never repeats the password. */
export function decodeJoinString(text: string): NatsAddress {
  return fromUrl('a join string', 'sweepyard', text.trim(), true);
}

/**
 * `nats://user:password@host:port` or, encrypted, `tls://...`, as `--nats` takes it. The port may be left out (4222).
 * The servers of a cluster follow one another with commas; user and password of the first are for all.
 * @throws UsageError
 */
export function decodeNatsUrl(text: string): NatsAddress {
  const [first = '', ...more] = text.split(betweenServers);
  const address = decodeOneUrl(first);
  if (more.length === 0) return address;
  const others = more.map((one) => {
    const other = decodeOneUrl(one.includes('://') ? one : `${address.tls ? 'tls' : 'nats'}://${one.trim()}`);
    const isSame =
      other.user === undefined || (other.user === address.user && other.password === address.password);
    if (!isSame || other.tls !== address.tls)
      throw new UsageError(
        `the servers of one cluster take the same user and password, all encrypted or none; ${describeAddress(other)} differs`,
      );
    return describeAddress(other);
  });
  return { ...address, others };
}

/** A comma in a password is none of these. */
const betweenServers = /,(?=\s*(?:nats|tls):\/\/|[^,@]*(?:,|$))/;

function decodeOneUrl(text: string): NatsAddress {
  const trimmed = text.trim();
  const encrypted = trimmed.startsWith('tls://');
  const address = fromUrl('a NATS address', encrypted ? 'tls' : 'nats', trimmed, false);
  return encrypted ? { ...address, tls: 'system' } : address;
}

/** The address without its password, for people to read. */
export function describeAddress(address: NatsAddress): string {
  return `${bracketed(address.host)}:${address.port}`;
}

function toUrl(scheme: string, { host, port, user, password, tls, pool, others }: NatsAddress): string {
  const credentials =
    user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`;
  const parameters = new URLSearchParams({
    ...(pool !== undefined && { pool }),
    ...(tls !== undefined && { tls }),
    ...(others !== undefined && { others: others.join(',') }),
  });
  return `${scheme}://${credentials}${bracketed(host)}:${port}${parameters.size > 0 ? `?${parameters.toString()}` : ''}`;
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
  // Later versions add parameters; who does not know one must not join without it.
  const known = scheme === 'sweepyard' ? ['pool', 'tls', 'others'] : [];
  const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${what} with "${unknown}" needs a newer version of Sweepyard`);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...parameter(url, 'tls', tlsPattern, what),
    ...parameter(url, 'pool', poolPattern, what),
    ...others(url, what),
  };
}

const tlsPattern = /^(system|[A-Za-z0-9_-]{100,4000})$/;
const poolPattern = /^[0-9A-Za-z_-]{1,60}$/;
const serverPattern = /^([0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}$/;

function others(url: URL, what: string): Pick<NatsAddress, 'others'> {
  const value = url.searchParams.get('others');
  if (value === null) return {};
  const servers = value.split(',');
  if (!servers.every((server) => serverPattern.test(server)))
    throw new UsageError(`${what} was cut or changed on its way: its "others" is none`);
  return { others: servers };
}

function parameter<Name extends 'tls' | 'pool'>(
  url: URL,
  name: Name,
  pattern: RegExp,
  what: string,
): Partial<Record<Name, string>> {
  const value = url.searchParams.get(name);
  if (value === null) return {};
  if (!pattern.test(value))
    throw new UsageError(`${what} was cut or changed on its way: its "${name}" is none`);
  return { [name]: value } as Record<Name, string>;
}
