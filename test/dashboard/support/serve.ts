import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDashboard,
  type Dashboard,
  type DashboardOptions,
} from '../../../src/dashboard/server/dashboard.js';
import { openStore } from '../../../src/store/open-store.js';
import type { SweepStore } from '../../../src/store/sweep-store.js';

/** A real store in a folder of its own, and a dashboard over it on a free port. */
export class ServedStore {
  private constructor(
    private readonly directory: string,
    readonly store: SweepStore,
    private dashboard: Dashboard,
    private readonly options: Partial<DashboardOptions>,
  ) {}

  static async open(options: Partial<DashboardOptions> = {}): Promise<ServedStore> {
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-dashboard-'));
    const store = await openStore({ directory });
    const fast = { pollInterval: 20, ...options };
    return new ServedStore(directory, store, await createDashboard({ store, port: 0, ...fast }), fast);
  }

  get url(): string {
    return this.dashboard.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return fetch(new URL(path, this.url), init);
  }

  /** The server goes away; the store stays. */
  async stopServer(): Promise<void> {
    await this.dashboard.close();
  }

  /** It comes back on the same port. */
  async startServer(port: number): Promise<void> {
    this.dashboard = await createDashboard({ store: this.store, ...this.options, port });
  }

  async close(): Promise<void> {
    await this.dashboard.close();
    await this.store.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
