import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import helmet from 'helmet';
import { HttpError } from './http-error.js';

/** True where only this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Headers that let the page use its own server and nothing else: no inline script or style, no frames. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // Pictures of charts are made in the page.
        'img-src': ["'self'", 'blob:'],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Served over plain HTTP, usually on loopback: nothing to pin.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}

/**
 * Against DNS rebinding: a page elsewhere whose name was pointed at 127.0.0.1 still sends its own name as `Host`.
 * Any port is right, since it may have been forwarded.
 */
export function hostCheck(host: string): RequestHandler {
  const names = new Set(['localhost', '127.0.0.1', '[::1]', host]);
  return (request, _response, next) => {
    const given = request.headers.host ?? '';
    if (!names.has(given.replace(/:\d+$/, '').toLowerCase())) {
      throw new HttpError(421, `this dashboard answers to ${[...names].join(', ')}, not to "${given}"`);
    }
    next();
  };
}

/** An action that a browser sends must come from our own page. Programs send no `Origin`. */
export const sameOrigin: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new HttpError(403, `actions must come from this dashboard's own page, not from ${origin}`);
  }
  next();
};

const cookieName = 'sweepyard-token';

/** Compared as digests: in constant time, whatever the lengths. */
function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function givenToken(request: Request): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookieName && value !== undefined) return decodeToken(value);
  }
  return undefined;
}

function decodeToken(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/**
 * Asks for the token: as `Authorization: Bearer`, or once as `/?token=...`, which leaves a cookie that scripts can't
 * read and takes the token out of the address.
 */
export function tokenCheck(token: string): RequestHandler {
  return (request, response, next) => {
    const inAddress: unknown = request.query['token'];
    if (request.method === 'GET' && request.path === '/' && typeof inAddress === 'string') {
      if (!equalSecrets(inAddress, token)) throw new HttpError(401, 'that token is not the right one');
      response.cookie(cookieName, token, { httpOnly: true, sameSite: 'strict', path: '/' });
      response.redirect(303, '/');
      return;
    }
    const given = givenToken(request);
    if (given === undefined || !equalSecrets(given, token)) {
      throw new HttpError(
        401,
        'this dashboard asks for its token: open the address that the coordinator printed (/?token=...)',
      );
    }
    next();
  };
}
