import type { Proxy } from './proxy.js';
import type { LinkedProcess } from './processes.js';
import type { Fault } from './schedule.js';
import type { ChaosServer } from './servers.js';

export interface Victims {
  readonly coordinators: readonly LinkedProcess[];
  readonly workers: readonly LinkedProcess[];
  readonly nats: ChaosServer;
  readonly database: ChaosServer | undefined;
  /** Between the coordinators and the database. */
  readonly databaseLink: Proxy | undefined;
}

/** Something that one fault at a time can strike. */
interface Victim {
  readonly name: string;
  kill(pause: number): Promise<void>;
  hold(): void;
  release(): void;
  readonly link: Proxy | undefined;
}

/** Makes faults happen, each for its time. What is struck already gets the next one afterwards. */
export class FaultInjector {
  readonly #counts = new Map<string, number>();
  readonly #busy = new Map<string, Promise<void>>();

  constructor(
    private readonly victims: Victims,
    private readonly say: (line: string) => void,
  ) {}

  get count(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get byKind(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }

  strike(fault: Fault): void {
    const victim = this.#victimOf(fault);
    const before = this.#busy.get(victim.name) ?? Promise.resolve();
    const kind = `${fault.kind} ${fault.part}`;
    const strike = before
      .then(() => perform(fault, victim))
      .then(() => this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1))
      .catch((error: unknown) => this.say(`${kind} failed: ${String(error)}`));
    this.#busy.set(
      victim.name,
      strike.then(() => undefined),
    );
  }

  /** Resolves when all faults are over. */
  async mendAll(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  #victimOf({ part, index }: Fault): Victim {
    const { coordinators, workers, nats, database, databaseLink } = this.victims;
    if (part === 'nats-server') return ofServer(part, nats, undefined);
    if (part === 'postgresql' && database) return ofServer(part, database, databaseLink);
    const all = part === 'worker' ? workers : coordinators;
    const place = index % all.length;
    const victim = all[place];
    if (!victim) throw new Error(`there is no ${part}`);
    const { process, link } = victim;
    return {
      name: `${part} ${place}`,
      kill: (pause) => process.kill(pause),
      hold: () => process.send('SIGSTOP'),
      release: () => process.send('SIGCONT'),
      link,
    };
  }
}

function ofServer(name: string, server: ChaosServer, link: Proxy | undefined): Victim {
  return {
    name,
    kill: () => server.kill(),
    hold: () => server.hold(),
    release: () => server.release(),
    link,
  };
}

async function perform({ kind, duration }: Fault, victim: Victim): Promise<void> {
  const over = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));
  switch (kind) {
    case 'kill':
      return await victim.kill(duration);
    case 'stop':
      victim.hold();
      await over();
      return victim.release();
    case 'cut':
      victim.link?.cut();
      await over();
      return victim.link?.mend();
    case 'stall':
      victim.link?.stall();
      await over();
      return victim.link?.mend();
  }
}
