import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EnvironmentError, ExitCode } from '../support/errors.js';
import type { HostOptions } from './host-options.js';

export interface LocalWorkersOptions extends Pick<
  HostOptions,
  'workers' | 'slots' | 'data' | 'backend' | 'kernels'
> {
  readonly joinString: string;
  readonly pool: string;
  /** What the workers print goes there. */
  readonly logFile: string;
  /** One line for the user. */
  readonly say: (line: string) => void;
  /** The workers can't be started, and trying again would not help. */
  readonly onUseless: (reason: string) => void;
}

const program = fileURLToPath(new URL('../worker/cli/main.js', import.meta.url));
const firstPause = 500;
const longestPause = 30_000;
/** A worker that lived for so long did not die of its start. Milliseconds. */
const longLife = 60_000;

/**
 * The worker processes of this machine, for whoever has no other: started with the sweep, started again when they die,
 * drained at the end. Ctrl-C does not reach them, so that they can hand back their trials in order; and they drain
 * by themselves when this process is killed, for their standard input closes then.
 */
export class LocalWorkers {
  readonly #children = new Map<ChildProcess, Promise<void>>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #ending = false;

  private constructor(
    private readonly options: LocalWorkersOptions,
    private readonly log: FileHandle,
  ) {}

  /** @throws EnvironmentError where the log file can't be written */
  static async start(options: LocalWorkersOptions): Promise<LocalWorkers> {
    const log = await open(options.logFile, 'w').catch((error: unknown) => {
      throw new EnvironmentError(`${options.logFile} can not be written`, { cause: error });
    });
    const workers = new LocalWorkers(options, log);
    for (let i = 0; i < options.workers; i++) workers.#spawn(0);
    return workers;
  }

  /** Process ids of those that run. */
  get pids(): number[] {
    return [...this.#children.keys()].flatMap(({ pid }) => pid ?? []);
  }

  /** Lets them hand back what they have, and waits until they have ended; kills those that take too long. */
  async stop(patience = 20_000): Promise<void> {
    this.#end();
    for (const child of this.#children.keys()) child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), patience);
    await Promise.all(this.#children.values());
    clearTimeout(timer);
    await this.log.close();
  }

  /** At once. */
  kill(): void {
    this.#end();
    for (const child of this.#children.keys()) child.kill('SIGKILL');
  }

  #end(): void {
    this.#ending = true;
    for (const pause of this.#pauses) clearTimeout(pause);
  }

  #spawn(failures: number): void {
    const { joinString, pool, workers, data, backend, kernels } = this.options;
    const slots = this.options.slots ?? Math.max(1, Math.floor(availableParallelism() / workers));
    const flags = ['--slots', String(slots), '--pool', pool, '--allow-commands', '--allow-modules'];
    if (data !== undefined) flags.push('--data', data);
    if (backend !== undefined) flags.push('--backend', backend);
    if (kernels !== undefined) flags.push('--kernels', kernels);
    const child = spawn(process.execPath, [program, 'start', ...flags, '--until-input-closes'], {
      // The join string holds a password: arguments can be seen by everybody on this machine.
      env: { ...withoutDatabase(process.env), SWEEPYARD_JOIN: joinString },
      stdio: ['pipe', this.log.fd, this.log.fd],
      detached: true,
    });
    const startedAt = performance.now();
    const ended = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        resolve();
        this.options.onUseless(`the local worker can not be started: ${error.message}`);
      });
      child.once('exit', (code, signal) => {
        this.#children.delete(child);
        resolve();
        void this.#ended(code, signal, performance.now() - startedAt > longLife ? 0 : failures);
      });
    });
    // What is written when it has just died would be an error event.
    child.stdin?.on('error', () => undefined);
    this.#children.set(child, ended);
  }

  async #ended(code: number | null, signal: string | null, failures: number): Promise<void> {
    // It ends with 0 only when it was told to drain.
    if (this.#ending || code === 0) return;
    const how = signal ?? `exit code ${code}`;
    const words = await this.#lastWords();
    // Meanwhile.
    if (this.#ending) return;
    if (code === ExitCode.Usage) {
      this.options.onUseless(`the local worker ended with ${how}: ${words}`);
      return;
    }
    const pause = Math.min(longestPause, firstPause * 2 ** failures);
    this.options.say(`the local worker ended with ${how}${words && `: ${words}`}; starting it again`);
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      this.#spawn(failures + 1);
    }, pause);
    this.#pauses.add(timer);
  }

  async #lastWords(): Promise<string> {
    const text = await readFile(this.options.logFile, 'utf8').catch(() => '');
    const lines = text.trimEnd().split('\n');
    // Below the error of a crash stand its stack and the version of Node.
    return (lines.findLast((line) => /^(worker|\w*Error\b.*?):/.test(line)) ?? lines.at(-1) ?? '').trim();
  }
}

/** The database's URL holds a password, and trials inherit the environment of their worker. */
function withoutDatabase(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = { ...environment };
  delete rest['SWEEPYARD_DATABASE'];
  return rest;
}
