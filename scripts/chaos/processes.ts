import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Proxy } from './proxy.js';

const programs = fileURLToPath(new URL('../../dist', import.meta.url));

const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SWEEPYARD_')),
);

export interface PartOptions {
  readonly program: 'coordinator' | 'worker';
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What it prints is added there. */
  readonly logFile: string;
  /** It has ended without being told to. Whether it is to be started again. */
  readonly onEnd: (code: number | null) => boolean;
}

/** Milliseconds until a part that ended by itself is started again. */
const restartPause = 300;

/** A coordinator or worker that is started again whenever it ends, until `stop`. */
export class ChaosProcess {
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #starts = 0;
  readonly #log: WriteStream;

  constructor(private readonly options: PartOptions) {
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    // Who ends the chaos ends its parts.
    process.once('exit', () => this.#child?.kill('SIGKILL'));
    this.#start();
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  send(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills it, and starts another one after so many milliseconds. */
  async kill(pause: number): Promise<void> {
    const child = this.#child;
    clearTimeout(this.#timer);
    if (child) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    clearTimeout(this.#timer);
    if (!this.#stopped && !this.#child) this.#start();
  }

  /** Tells it to end; kills it where it does not within so many milliseconds. Whether it ended by itself. */
  async stop(patience: number): Promise<boolean> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    let obeyed = true;
    if (this.#child) {
      const child = this.#child;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => {
        obeyed = false;
        child.kill('SIGKILL');
      }, patience);
      await ended;
      clearTimeout(timer);
    }
    this.#log.end();
    return obeyed;
  }

  #start(): void {
    const { program, args, environment } = this.options;
    this.#starts++;
    const child = spawn(process.execPath, [`${programs}/${program}/cli/main.js`, ...args], {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const name = `[${child.pid}]`;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (!this.#log.writableEnded) this.#log.write(text.replace(/^(?=.)/gm, `${clock()} ${name} `));
      });
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#stopped || signal === 'SIGKILL') return;
      if (this.options.onEnd(code)) this.#timer = setTimeout(() => this.#start(), restartPause);
    });
  }
}

/** A part and the network between it and nats-server. */
export interface LinkedProcess {
  readonly process: ChaosProcess;
  readonly link: Proxy;
}

function clock(): string {
  return new Date().toISOString().slice(11, 23);
}
