import { readdirSync, readFileSync } from 'node:fs';

/** What a program of ours has taken until some moment. */
export interface Taken {
  /** Of the processor, in milliseconds, by the kernel's count. */
  readonly processor: number;
  /** Resident memory in bytes. */
  readonly memory: number;
}

export type Program = 'coordinator' | 'worker' | 'nats-server';

interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly taken: ReadonlyMap<Program, Taken>;
}

const interval = 100;
/** `getconf CLK_TCK`; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/**
 * Looks ten times a second at what a coordinator and the processes that it started take, by Linux' own books. How busy
 * the machine is otherwise makes trials slower, and this figure hardly larger.
 */
export class ProcessTree {
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;

  /** Undefined where there is no `/proc`. */
  static watch(pid: number): ProcessTree | undefined {
    return process.platform === 'linux' ? new ProcessTree(pid) : undefined;
  }

  private constructor(private readonly pid: number) {
    this.#timer = setInterval(() => this.#look(), interval);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Processor milliseconds of each program between two moments, in milliseconds since the epoch. */
  processorBetween(from: number, to: number): Map<Program, number> {
    const first = this.#samples.findLast(({ at }) => at <= from) ?? this.#samples[0];
    const last = this.#samples.find(({ at }) => at >= to) ?? this.#samples.at(-1);
    const between = new Map<Program, number>();
    for (const [program, { processor }] of last?.taken ?? [])
      between.set(program, processor - (first?.taken.get(program)?.processor ?? 0));
    return between;
  }

  /** Resident bytes of a program in the sample nearest before a moment. */
  memoryAt(program: Program, at: number): number | undefined {
    return this.#samples.findLast((sample) => sample.at <= at)?.taken.get(program)?.memory;
  }

  #look(): void {
    const processes = new Map<number, ProcessState>();
    for (const name of readdirSync('/proc')) {
      const state = /^\d+$/.test(name) ? stateOf(Number(name)) : undefined;
      if (state) processes.set(state.pid, state);
    }
    const taken = new Map<Program, Taken>();
    for (const state of processes.values()) {
      const program = this.#programOf(state, processes);
      if (!program) continue;
      const before = taken.get(program) ?? { processor: 0, memory: 0 };
      taken.set(program, {
        processor: before.processor + state.processor,
        memory: before.memory + state.memory,
      });
    }
    this.#samples.push({ at: Date.now(), taken });
  }

  #programOf(state: ProcessState, all: ReadonlyMap<number, ProcessState>): Program | undefined {
    if (state.pid === this.pid) return 'coordinator';
    for (let one = all.get(state.parent); one; one = all.get(one.parent))
      if (one.pid === this.pid) return state.name === 'nats-server' ? 'nats-server' : 'worker';
    return undefined;
  }
}

interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly processor: number;
  readonly memory: number;
}

/** Undefined where it has ended. */
function stateOf(pid: number): ProcessState | undefined {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may hold anything; proc(5) counts the fields after it from 3.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    name: text.slice(text.indexOf('(') + 1, end),
    processor: ((field(14) + field(15)) * 1_000) / ticksPerSecond,
    memory: field(24) * pageBytes,
  };
}
