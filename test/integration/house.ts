import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFailed, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { workerOf } from '../../src/messaging/server/credentials.js';
import { openStore } from '../../src/store/open-store.js';
import type { SweepRecord, SweepStore } from '../../src/store/sweep-store.js';
import type { Trial } from '../../src/sweep/trial.js';

/** Each starts a handful of processes, which takes ten times as long on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000 });

const programs = fileURLToPath(new URL('../../dist', import.meta.url));
const objective = fileURLToPath(new URL('fixtures/objective.js', import.meta.url));

/** Those who are killed shall be missed soon. The worker announces itself every two seconds. */
const quick = { SWEEPYARD_ACK_WAIT: '3000', SWEEPYARD_FLEET_TTL: '5000', SWEEPYARD_LEASE_TTL: '2000' };

const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SWEEPYARD_')),
);

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A process of the project, the built one. It is killed when the test ends. */
export class Program {
  output = '';
  errors = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  constructor(name: 'coordinator' | 'worker', args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [join(programs, name, 'cli/main.js'), ...args], {
      env: { ...inherited, ...quick, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.ended = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      output: this.output,
      errors: this.errors,
    }));
  }

  /** What it was and what it wrote, for a test that failed. */
  account(): string {
    const { exitCode, signalCode, spawnargs } = this.#child;
    return `${spawnargs.slice(1).join(' ')} (ended: ${exitCode ?? signalCode ?? 'no'})\n${this.output}${this.errors}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return await this.ended;
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

const natsRecord = z
  .object({
    pid: z.number(),
    port: z.number(),
    workerSecret: z.string(),
    // Until the coordinator has let its workers in, nobody can join.
    pools: z.array(z.string()).refine((pools) => pools.includes('default')),
  })
  .transform(({ pid, port, workerSecret }) => ({ pid, port, worker: workerOf('default', workerSecret) }));

/** A directory with a sweep file, an objective and a data directory, and what runs in it. */
export class House {
  readonly #programs: Program[] = [];
  #store: SweepStore | undefined;

  private constructor(readonly directory: string) {}

  /** @param more what else stands in the sweep file; `x` runs over 0 .. trials - 1 */
  static async build(trials: number, more = ''): Promise<House> {
    const house = new House(await mkdtemp(join(tmpdir(), 'sweepyard-house-')));
    onTestFinished(() => house.#tearDown());
    onTestFailed(() => {
      for (const program of house.#programs) console.error(program.account());
    });
    await cp(objective, join(house.directory, 'objective.js'));
    await house.write('package.json', '{ "type": "module" }');
    await house.sweepFile(
      `space: { x: { int: [0, ${trials - 1}] } }\nsearch: { sampler: grid }\nobjectives: { y: maximize }\n${more}`,
    );
    return house;
  }

  async sweepFile(text: string): Promise<void> {
    await this.write('sweep.yaml', `name: house\ntrainable: ./objective.js\n${text}\n`);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.directory, name), text);
  }

  /** Lines of a file that the objective writes: one value of `x` each. */
  async lines(name: 'begun.log' | 'finished.log'): Promise<number[]> {
    const text = await readFile(join(this.directory, name), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  }

  /** `coordinator start` with two slots and no dashboard, unless the flags say otherwise. */
  start(...flags: string[]): Program {
    return this.coordinator('start', 'sweep.yaml', '--no-dashboard', '--slots', '2', ...flags);
  }

  /** `coordinator ...` on this house's data; file names are relative to it. */
  coordinator(command: string, ...args: string[]): Program {
    const placed = args.map((arg) => (arg === 'sweep.yaml' ? join(this.directory, arg) : arg));
    return this.#track(
      new Program('coordinator', [command, ...placed, '--dir', join(this.directory, 'data')]),
    );
  }

  /** A worker from another shell; resolves when nats-server can be joined. */
  async worker(
    options: {
      name?: string;
      allowed?: boolean;
      environment?: NodeJS.ProcessEnv;
      flags?: readonly string[];
    } = {},
  ): Promise<Program> {
    const { port, worker } = await this.nats();
    const join = `sweepyard://${worker.user}:${worker.password}@127.0.0.1:${port}`;
    const { name = 'other', allowed = true, environment = {}, flags = [] } = options;
    const args = ['start', '--slots', '1', '--name', name, ...(allowed ? ['--allow-modules'] : []), ...flags];
    return this.#track(new Program('worker', args, { ...environment, SWEEPYARD_JOIN: join }));
  }

  /** The nats-server, once it runs. */
  async nats(): Promise<z.infer<typeof natsRecord>> {
    const file = join(this.directory, 'data/nats/server.json');
    return await eventually('nats-server runs', async () =>
      natsRecord.parse(JSON.parse(await readFile(file, 'utf8'))),
    );
  }

  /** The process of nats-server, also before workers may join it. */
  async natsPid(): Promise<number> {
    const file = join(this.directory, 'data/nats/server.json');
    return z.object({ pid: z.number() }).parse(JSON.parse(await readFile(file, 'utf8'))).pid;
  }

  /** What is stored, once there is something. */
  async store(): Promise<SweepStore> {
    this.#store ??= await eventually('the database is there', () =>
      openStore({ directory: join(this.directory, 'data'), readOnly: true }),
    );
    return this.#store;
  }

  async sweep(): Promise<SweepRecord> {
    const store = await this.store();
    return await eventually('the sweep is stored', async () => (await store.findSweep('house')) ?? no());
  }

  async trials(): Promise<Trial[]> {
    return await (await this.store()).trials((await this.sweep()).id);
  }

  /** Resolves when the trials are as wanted. */
  async until(what: string, wanted: (trials: readonly Trial[]) => boolean): Promise<Trial[]> {
    return await eventually(what, async () => {
      const trials = await this.trials();
      return wanted(trials) ? trials : no(trials.map(({ state }) => state).join(' '));
    });
  }

  /** Lets trials go on that wait at the gate (`fixed: { mode: gate }`). */
  async openGate(): Promise<void> {
    await this.write('gate', 'open');
  }

  #track(program: Program): Program {
    this.#programs.push(program);
    return program;
  }

  async #tearDown(): Promise<void> {
    await this.openGate();
    await Promise.all(this.#programs.map((program) => program.kill()));
    await this.#store?.close();
    const record = await readFile(join(this.directory, 'data/nats/server.json'), 'utf8').catch(() => '');
    if (record !== '') endProcess(z.object({ pid: z.number() }).parse(JSON.parse(record)).pid);
    await eventually('the directory is gone', () => rm(this.directory, { recursive: true, force: true }));
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Says that what `eventually` waits for is not so yet. */
export function no(state = 'not yet'): never {
  throw new Error(state);
}

/** Tries until it works. */
export async function eventually<T>(what: string, attempt: () => Promise<T>, patience = 90_000): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`waited ${patience} ms in vain: ${what}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** How many trials are in a state. */
export function count(trials: readonly Trial[], state: Trial['state']): number {
  return trials.filter((trial) => trial.state === state).length;
}
