import { createRandom, type Random } from '../../src/sweep/random.js';

export const faultKinds = ['kill', 'stop', 'cut', 'stall'] as const;
/**
 * `kill`: kill -9. `stop`: SIGSTOP, SIGCONT later. `cut`: its connections are dropped and new ones refused for a while.
 * `stall`: its connections stand, and nothing goes through for a while.
 */
export type FaultKind = (typeof faultKinds)[number];

export const parts = ['coordinator', 'worker', 'nats-server', 'postgresql'] as const;
export type Part = (typeof parts)[number];

export interface Fault {
  /** It strikes when so many trials have been trained to their end. */
  readonly after: number;
  readonly kind: FaultKind;
  /** For `cut` and `stall`: whose connections; those of a database are cut between it and the coordinators. */
  readonly part: Part;
  /** Which one, where there are several: modulo their number. */
  readonly index: number;
  /** Milliseconds until it is over; for `kill` until the next one is started. */
  readonly duration: number;
}

export interface ScheduleOptions {
  readonly trials: number;
  readonly faults: number;
  readonly seed: number;
  readonly parts: readonly Part[];
  /** Milliseconds: what is taken for dead after so long. Some faults last longer, most do not. */
  readonly patience: number;
}

/**
 * A sequence of faults, which follows from the options alone. They are spread at random, so that some come in bunches;
 * every part meets every kind that it can. nats-server is killed and stopped; it has no connections of its own to cut.
 */
export function scheduleFaults({ trials, faults, seed, parts, patience }: ScheduleOptions): Fault[] {
  const random = createRandom(seed, 1);
  const kindsOf = (part: Part): readonly FaultKind[] =>
    part === 'nats-server' ? ['kill', 'stop'] : faultKinds;
  const wanted = parts.flatMap((part) => kindsOf(part).map((kind) => ({ part, kind })));
  const duration = (kind: FaultKind): number => {
    if (kind === 'kill') return Math.round(random.next() * 1_000);
    // One in five outlasts what others wait for.
    const longest = random.below(5) === 0 ? 2 * patience : patience / 4;
    return Math.round(100 + random.next() * longest);
  };
  // Every pair of part and kind as often as any other: dealt like cards, a deck after the other.
  let deck: typeof wanted = [];
  // Nothing strikes in the last twentieth: what it would break would have ended before.
  return Array.from({ length: faults }, () => Math.floor(random.next() * trials * 0.95))
    .sort((a, b) => a - b)
    .map((after) => {
      if (deck.length === 0) deck = shuffled(wanted, random);
      const { part, kind } = deck.pop() ?? { part: 'worker' as const, kind: 'kill' as const };
      return { after, kind, part, index: random.below(1_000), duration: duration(kind) };
    });
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(random.below(rest.length), 1));
}
