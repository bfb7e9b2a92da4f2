import { onTestFinished } from 'vitest';
import type { CoordinatorBus, WorkerBus } from '../../src/messaging/bus.js';
import { connectCoordinatorBus } from '../../src/messaging/nats-coordinator-bus.js';
import { connectWorkerBus } from '../../src/messaging/nats-worker-bus.js';
import type { BusTimings } from '../../src/messaging/timings.js';
import type { TestNats } from './nats.js';

/** Short enough for tests that wait for somebody to be taken for dead. */
export const quickTimings: BusTimings = { ackWait: 1000, fleetTtl: 1000, leaseTtl: 1000 };

/** Both close with the test. What they log goes to `log`. */
export async function coordinatorBus(
  nats: TestNats,
  log: string[] = [],
  timings: BusTimings = quickTimings,
): Promise<CoordinatorBus> {
  const bus = await connectCoordinatorBus({
    address: nats.coordinator,
    name: 'test coordinator',
    timings,
    log: (line) => log.push(line),
  });
  onTestFinished(() => bus.close());
  return bus;
}

export async function workerBus(nats: TestNats, log: string[] = []): Promise<WorkerBus> {
  const bus = await connectWorkerBus({
    address: nats.worker,
    name: 'test worker',
    log: (line) => log.push(line),
  });
  onTestFinished(() => bus.close());
  return bus;
}
