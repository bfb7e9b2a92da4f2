import { rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { Agent, type AgentOptions } from '../../src/worker/agent.js';
import { describeMachine } from '../../src/worker/machine.js';
import { ThreadPool, type ThreadPoolOptions } from '../../src/worker/threads/thread-pool.js';
import { temporaryDirectory } from '../support/nats.js';
import type { TestCoordinator } from './test-coordinator.js';

/** What a thread runs: TypeScript has no entry for piscina, so the built one is taken (`npm run build`). */
export const threadFile = new URL('../../dist/worker/threads/thread.js', import.meta.url);

export interface TestAgent {
  readonly agent: Agent;
  readonly pool: ThreadPool;
  readonly id: string;
  readonly log: string[];
}

type Options = Partial<AgentOptions> & {
  slots?: number;
  resourceLimits?: ThreadPoolOptions['resourceLimits'];
  checkpointEvery?: number;
};

/** A worker within this process, with real threads. It drains when the test ends. */
export async function startTestAgent(
  coordinator: TestCoordinator,
  options: Options = {},
): Promise<TestAgent> {
  const { slots = 1, resourceLimits, checkpointEvery, ...agentOptions } = options;
  const bus = await coordinator.workerBus();
  const pool = await startTestPool({
    slots,
    ...(resourceLimits ? { resourceLimits } : {}),
    ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
  });
  await pool.ready;
  const machine = describeMachine({
    pool: coordinator.sweepId,
    slots,
    backend: { name: 'none', device: '' },
  });
  const log: string[] = [];
  const agent = new Agent(bus, pool, {
    machine,
    permissions: { commands: true, modules: true },
    grace: 3_000,
    log: (text) => log.push(text),
    ...agentOptions,
  });
  onTestFinished(async () => {
    agent.drain('the test is over');
    await agent.stopped.catch(() => undefined);
  });
  agent.start();
  return { agent, pool, id: machine.id, log };
}

export async function startTestPool(
  options: Pick<ThreadPoolOptions, 'slots' | 'resourceLimits'> & {
    threadFile?: URL;
    checkpointEvery?: number;
  },
): Promise<ThreadPool> {
  const { checkpointEvery, ...poolOptions } = options;
  const cacheDirectory = await scratchDirectory();
  const pool = new ThreadPool({
    threadFile,
    ...poolOptions,
    options: {
      backend: 'auto',
      kernels: 'auto',
      cacheDirectory,
      ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
    },
  });
  onTestFinished(() => pool.close());
  return pool;
}

/** A folder that is gone when the test ends. */
export async function scratchDirectory(): Promise<string> {
  const directory = await temporaryDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The path of a module under `fixtures/`, as a trainable. */
export function moduleFixture(name: string): { kind: 'module'; path: string } {
  return { kind: 'module', path: new URL(`fixtures/${name}`, import.meta.url).pathname };
}
