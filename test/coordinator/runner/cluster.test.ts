import { describe, expect, it, onTestFinished } from 'vitest';
import { connectToNats, type BusConnection } from '../../../src/messaging/connection.js';
import { decodeNatsUrl } from '../../../src/messaging/join-string.js';
import { connectCoordinatorBus } from '../../../src/messaging/nats-coordinator-bus.js';
import { connectWorkerBus } from '../../../src/messaging/nats-worker-bus.js';
import { natsProgram } from '../../support/nats.js';
import { startNatsCluster } from '../../support/nats-cluster.js';
import { sweepOver } from '../definitions.js';
import { ScriptedWorker, startRunner } from './running.js';

const trials = 300;

/** As soon as the three have chosen who leads. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function leaderOf(connection: BusConnection, stream: string): Promise<[string, number]> {
  const { config, cluster } = await (await connection.nats.jetstreamManager()).streams.info(stream);
  return [cluster?.leader ?? 'nobody', config.num_replicas];
}

describe.skipIf(!natsProgram)('runner - a cluster of three', () => {
  it('runner - the leader of the reports is killed amid a sweep, and every trial has one result', async () => {
    const cluster = await startNatsCluster();
    const address = decodeNatsUrl(cluster.url);
    const log = (line: string): void => void lines.push(line);
    const lines: string[] = [];
    const bus = await eventually(() =>
      connectCoordinatorBus({ address, name: 'coordinator', replicas: 3, log }),
    );
    onTestFinished(() => bus.close());
    const look = await connectToNats({ address, name: 'look', role: 'coordinator' });
    onTestFinished(() => look.close());
    for (const stream of ['ASSIGNMENTS', 'REPORTS', 'KV_lease', 'KV_fleet', 'OBJ_checkpoints'])
      expect((await leaderOf(look, stream))[1], stream).toBe(3);

    const definition = sweepOver(`{ x: { int: [0, ${trials - 1}] } }`, 'search: { sampler: grid }');
    let killed: string | undefined;
    const { runner, store, sweep } = await startRunner(definition, bus, {
      onEnded: () => {
        if (killed !== undefined || runner.progress().counts.completed < trials / 3) return;
        killed = 'soon';
        void leaderOf(look, 'REPORTS').then(([leader]) => {
          killed = leader;
          cluster.kill(leader);
        });
      },
    });
    const trained: number[] = [];
    for (const id of ['worker1', 'worker2']) {
      const workerBus = await connectWorkerBus({ address, name: id, log });
      onTestFinished(() => workerBus.close());
      await ScriptedWorker.start(workerBus, id, (number) => {
        trained.push(number);
        return { y: number };
      });
    }
    const outcome = await runner.ended;
    expect(killed).toMatch(/^n[012]$/);
    expect(outcome).toMatchObject({ state: 'completed', counts: { completed: trials } });
    const stored = await store.trials(sweep.id, { limit: 1000 });
    expect(stored.map(({ number, metrics }) => [number, metrics['y']])).toEqual(
      Array.from({ length: trials }, (_, number) => [number, number]),
    );
    expect(new Set(trained).size).toBe(trials);
  }, 120_000);
});
