import { connectWorkerBus } from '../../src/messaging/nats-worker-bus.js';
import type { Delivery, WorkerBus } from '../../src/messaging/bus.js';
import type { NatsAddress } from '../../src/messaging/join-string.js';
import { protocolVersion, type Claim, type Report, type WorkerState } from '../../src/messaging/messages.js';

const heartbeat = 2_000;

/** A worker of one slot as far as the bus can see: it claims, reports once and completes, and trains nothing. */
export class VirtualWorker {
  readonly #stop = new AbortController();
  readonly #working: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #running: WorkerState['running'] = [];

  private constructor(
    private readonly bus: WorkerBus,
    private readonly id: string,
    private readonly pool: string,
  ) {
    // Whom nobody can reach is gone.
    bus.answerCommands(id, () => ({ version: protocolVersion, accepted: false }));
    this.#timer = setInterval(() => this.#announce(), heartbeat);
    this.#announce();
    this.#working = this.#work();
  }

  static async join(address: NatsAddress, index: number, pool: string): Promise<VirtualWorker> {
    const id = `virtual-${index}`;
    return new VirtualWorker(await connectWorkerBus({ address, name: id, timeout: 60_000 }), id, pool);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await this.#working;
    await this.bus.close();
  }

  async #work(): Promise<void> {
    for (;;) {
      const delivery = await this.bus.nextAssignment(this.pool, this.#stop.signal);
      if (!delivery) return;
      await this.#train(delivery);
    }
  }

  async #train(delivery: Delivery): Promise<void> {
    const { sweepId, trials } = delivery.assignment;
    const numbers = trials.map(({ number }) => number);
    const claim: Claim = { version: protocolVersion, workerId: this.id, sweepId, numbers };
    const reply = await this.bus.claim(claim, this.#stop.signal);
    if (!reply || (reply.granted.length === 0 && reply.retryAfter !== undefined))
      return delivery.giveBack(reply?.retryAfter ?? 1_000);
    this.#running = reply.granted.map(({ number, attempt }) => ({ sweepId, number, attempt }));
    for (const { number, attempt } of reply.granted) {
      const version = protocolVersion;
      const base = { version, sweepId, number, attempt, workerId: this.id, at: Date.now() } as const;
      const metrics = { y: number };
      const reports: Report[] = [
        { ...base, kind: 'started', sequence: 0 },
        { ...base, kind: 'metrics', sequence: 1, step: 1, metrics },
        { ...base, kind: 'completed', sequence: 2, metrics, slotSeconds: 0 },
      ];
      for (const report of reports) this.bus.report(report);
    }
    await this.bus.flushReports();
    this.#running = [];
    await delivery.done();
  }

  #announce(): void {
    void this.bus.announce({
      version: protocolVersion,
      workerId: this.id,
      host: 'virtual',
      pid: process.pid,
      pool: this.pool,
      state: 'running',
      slots: 1,
      backend: 'none',
      device: 'none',
      memoryBytes: 0,
      running: this.#running,
      startedAt: 0,
      at: Date.now(),
    });
  }
}
