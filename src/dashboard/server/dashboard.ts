import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import type { SweepStore } from '../../store/sweep-store.js';
import { EnvironmentError, UsageError, messageOf } from '../../support/errors.js';
import type { SweepControl } from './control.js';
import { Feeds } from './feeds.js';
import { HttpError, errorHandler, notFound } from './http-error.js';
import { healthRoute, metricsRoute } from './metrics.js';
import { apiRoutes } from './routes.js';
import { hostCheck, isLoopback, securityHeaders, tokenCheck } from './security.js';
import { SweepSummaries } from './sweep-summaries.js';
import { Tables } from './table/tables.js';
import { SweepReader } from './views.js';

export interface DashboardOptions {
  /** Only read. It may belong to another process that writes. */
  readonly store: SweepStore;
  /** Of the running coordinator; without it no actions are offered. */
  readonly control?: SweepControl | undefined;
  /** The address to listen on, and no other. @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** What a reader must know. Required where others than this machine can connect. */
  readonly token?: string | undefined;
  /** Reads the trials of the newest sweep at once, not when the page is opened. */
  readonly readAhead?: boolean;
  /** Milliseconds between two looks into the store, while somebody watches. @default 400 */
  readonly pollInterval?: number;
  /** Milliseconds between two signs of life to a watcher. @default 10000 */
  readonly heartbeatInterval?: number;
  /** Where errors go that are not the reader's fault. @default standard error */
  readonly log?: (message: string) => void;
}

export interface Dashboard {
  /** Where to point a browser, with the token where there is one. */
  readonly url: string;
  /** Ends every connection. The store stays open. */
  close(): Promise<void>;
}

/** The port is taken: another one may be tried. */
export class PortInUseError extends EnvironmentError {
  constructor(
    readonly host: string,
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(`port ${port} on ${host} is in use; choose another one for the dashboard with --port`, options);
  }
}

/** Where the build puts the page; the same from `src` and from `dist`. */
const pageDirectory = fileURLToPath(new URL('../../../dist/dashboard/web', import.meta.url));

/**
 * Serves the dashboard: the page, `/api/v1`, and live events over `store`.
 * @throws {PortInUseError}
 * @throws {EnvironmentError} where it can't listen for another reason
 * @throws {UsageError} for a host beyond this machine without a token
 */
export async function createDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { store, control, host = '127.0.0.1', port, token } = options;
  if (!isLoopback(host) && !token) {
    throw new UsageError(`the dashboard on ${host} can be reached by others: it needs a token`);
  }
  const reader = new SweepReader(store, control);
  const summaries = new SweepSummaries(store);
  const tables = new Tables(store);
  const feeds = new Feeds(
    { store, reader, summaries, tables },
    {
      pollInterval: options.pollInterval ?? 400,
      heartbeatInterval: options.heartbeatInterval ?? 10_000,
    },
  );
  const log = options.log ?? ((message) => console.error(message));

  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders());
  if (isLoopback(host)) app.use(hostCheck(host));
  app.use(healthRoute(store));
  if (token) app.use(tokenCheck(token));
  app.use(metricsRoute(store));
  app.use('/api/v1', apiRoutes({ store, reader, summaries, feeds, tables, control }));
  app.use('/api', notFound);
  // While nobody has asked yet, or the browser reads the page. Whoever asks meets the same problem, and tells of it.
  const warm = (): void => void tables.warm().catch(() => undefined);
  servePage(app, warm);
  app.use(notFound);
  app.use(errorHandler(log));

  const server = createServer(app);
  await listen(server, host, port);
  if (options.readAhead) warm();
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${host}]` : host;
  return {
    url: `http://${name}:${address.port}/${token ? `?token=${encodeURIComponent(token)}` : ''}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await feeds.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function servePage(app: Express, onOpen: () => void): void {
  app.get('/', (_request, _response, next) => {
    onOpen();
    next();
  });
  app.use(
    '/assets',
    express.static(join(pageDirectory, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  app.use(
    express.static(pageDirectory, {
      cacheControl: false,
      setHeaders: (r) => r.set('Cache-Control', 'no-cache'),
    }),
  );
  app.get('/', () => {
    throw new HttpError(503, 'the page of the dashboard has not been built: npm run build');
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new PortInUseError(host, port, { cause: error }));
      else {
        const text = `the dashboard can't listen on ${host}, port ${port}: ${messageOf(error)}`;
        reject(new EnvironmentError(text, { cause: error }));
      }
    });
    server.listen(port, host, resolve);
  });
}
