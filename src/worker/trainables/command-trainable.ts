import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { mostCheckpointBytes } from '../../messaging/checkpoints.js';
import { messageOf, UserFacingError } from '../../support/errors.js';
import type { JsonObject, JsonValue } from '../../sweep/json.js';
import type { Metrics } from '../../sweep/trial.js';
import { packFolder, unpackFolder } from './command/checkpoint-folder.js';
import { LineSplitter } from './command/line-splitter.js';
import { readOutputLine } from './command/output.js';
import { fillPlaceholders } from './command/placeholders.js';
import { signalGroup, spawnTied, type TiedProcess } from './command/tied-process.js';
import { TrialError, type PackMember, type TrainContext, type Trainable } from './trainable.js';

/** From SIGTERM to SIGKILL, in milliseconds: less than the agent's own patience (`--grace`, 10 s). */
const killDelay = 5_000;
const keptErrorLines = 20;
const keptErrorLength = 4_096;

/** What a command's trials need of the worker. */
export interface CommandSetting {
  readonly sweepId: string;
  readonly child: (pid: number, running: boolean) => void;
  /** A trial makes a checkpoint, which is still to be read. */
  readonly saving: (number: number) => void;
}

/**
 * Any program as a trainable. It gets its parameters as arguments (`{name}`) and in its environment as
 * `SWEEPYARD_PARAMETERS` (JSON), with `SWEEPYARD_SEED`, `SWEEPYARD_SWEEP` and `SWEEPYARD_TRIAL` (its number); it
 * answers with lines `REPORT {...}` and `RESULT {...}` on standard output. A line `CHECKPOINT` says that the files in
 * the folder `SWEEPYARD_CHECKPOINT` are what it needs to go on; a later attempt finds them there. To stop it, its
 * process group gets SIGTERM, then SIGKILL.
 */
export function createCommandTrainable(
  command: readonly string[],
  setting: CommandSetting,
): Trainable<JsonObject> {
  return {
    parameters: z.record(z.string(), z.json()),
    train: async ({ members }, context) => {
      for (const member of members) {
        try {
          await withFolder((folder) => new CommandRun(member, context, folder, setting).run(command));
        } catch (error) {
          context.fail(member, error);
        }
      }
    },
  };
}

/** A folder that is there for as long as `work` takes. */
async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sweepyard-checkpoint-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One program, run for one trial. */
class CommandRun {
  readonly #errorLines: string[] = [];
  #result: { readonly metrics: Metrics; readonly details?: JsonValue } | undefined;
  #unreadable: Error | undefined;
  #lastStep: number;
  /** In this attempt, or in the one that it goes on from. */
  #hasReported: boolean;
  /** Checkpoints are read one after the other. */
  #saved: Promise<void> = Promise.resolve();

  constructor(
    private readonly member: PackMember<JsonObject>,
    private readonly context: TrainContext,
    /** Where it keeps its checkpoint. */
    private readonly folder: string,
    private readonly setting: CommandSetting,
  ) {
    this.#lastStep = member.checkpoint?.step ?? 0;
    this.#hasReported = member.checkpoint !== undefined;
  }

  async run(command: readonly string[]): Promise<void> {
    const { member, context, setting } = this;
    const filled = fillPlaceholders(command, member.parameters, member);
    if (member.checkpoint) await unpackFolder(member.checkpoint.state, this.folder);
    const child = spawnTied(filled, environment(member, setting.sweepId, this.folder));
    const { pid } = child;
    // Without a pid it never ran; `once` below rejects with the reason.
    if (pid !== undefined) setting.child(pid, true);
    this.#read(child);
    const stop = stopper(child);
    member.signal.addEventListener('abort', stop.begin, { once: true });
    if (member.signal.aborted) stop.begin();
    try {
      const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
      // What it started and left behind would keep its output open.
      child.once('exit', () => pid !== undefined && signalGroup(pid, 'SIGKILL'));
      const [code, signal] = await closed;
      await this.#saved;
      if (this.#unreadable) throw this.#unreadable;
      if (code !== 0) throw new CommandError(this.#ending(code, signal));
      if (this.#result) context.complete(member, this.#result.metrics, this.#result.details);
      else if (!this.#hasReported) throw new TrialError(noResult(this.#errorText()));
    } finally {
      stop.end();
      member.signal.removeEventListener('abort', stop.begin);
      if (pid !== undefined) setting.child(pid, false);
    }
  }

  #read(child: TiedProcess): void {
    // A program that does not read its input and ends must not end us: writing is never tried, closing is.
    child.stdin.on('error', () => undefined);
    const lines = new LineSplitter((line) => this.#line(line, child));
    child.stdout.on('data', (chunk: Buffer) => lines.write(chunk)).on('end', () => lines.end());
    const errors = new LineSplitter((line) => {
      this.#errorLines.push(line.slice(0, keptErrorLength));
      this.context.log(line.slice(0, keptErrorLength));
      if (this.#errorLines.length > keptErrorLines) this.#errorLines.shift();
    });
    child.stderr.on('data', (chunk: Buffer) => errors.write(chunk)).on('end', () => errors.end());
  }

  #line(line: string, child: TiedProcess): void {
    if (this.#unreadable) return;
    try {
      const said = readOutputLine(line);
      if (!said) {
        this.context.log(line.slice(0, keptErrorLength));
      } else if (said.kind === 'checkpoint') {
        this.setting.saving(this.member.number);
        this.#save(said.step ?? this.#lastStep);
      } else if (said.kind === 'result') {
        this.#result = said;
      } else {
        const step = said.step ?? this.#lastStep + 1;
        this.#lastStep = step;
        this.#hasReported = true;
        this.context.report(this.member, step, said.metrics);
      }
    } catch (error) {
      // It will say no better: an early end is the clearer one.
      this.#unreadable = error instanceof Error ? error : new Error(messageOf(error));
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    }
  }

  /** A checkpoint that can't be kept is no reason to end a trial. */
  #save(step: number): void {
    this.#saved = this.#saved
      .then(async () => {
        const state = await packFolder(this.folder, mostCheckpointBytes);
        this.context.checkpoint(this.member, step, state);
      })
      .catch((error: unknown) =>
        this.context.log(`no checkpoint of step ${step} is kept: ${messageOf(error)}`),
      );
  }

  #ending(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`;
    const text = this.#errorText();
    return `the program ${how}${text ? `; last lines of its standard error:\n${text}` : ''}`;
  }

  #errorText(): string {
    return this.#errorLines.join('\n').slice(-keptErrorLength);
  }
}

/** The program ended badly: a crash, which another attempt may not have. */
class CommandError extends UserFacingError {
  override readonly name = 'CommandError';
}

function noResult(errorText: string): string {
  const rule = 'the program ended without a line RESULT {...} or REPORT {...} on its standard output';
  return errorText ? `${rule}; last lines of its standard error:\n${errorText}` : rule;
}

function environment(member: PackMember<JsonObject>, sweepId: string, folder: string): NodeJS.ProcessEnv {
  return {
    // Else Python keeps its reports to itself until the end.
    PYTHONUNBUFFERED: '1',
    ...process.env,
    SWEEPYARD_PARAMETERS: JSON.stringify(member.parameters),
    SWEEPYARD_SEED: String(member.seed),
    SWEEPYARD_SWEEP: sweepId,
    SWEEPYARD_TRIAL: String(member.number),
    SWEEPYARD_CHECKPOINT: folder,
  };
}

/** Ends a process group politely, then not. */
function stopper(child: TiedProcess): { begin: () => void; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => {
      const { pid } = child;
      if (pid === undefined || timer) return;
      signalGroup(pid, 'SIGTERM');
      timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), killDelay);
    },
    end: () => clearTimeout(timer),
  };
}
