import { describe, expect, it } from 'vitest';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import { UsageMeter } from '../../../src/coordinator/runner/usage-meter.js';

/** Trials that run at `worker`, since 0 by the coordinator's clock. */
function running(count: number): TrialBook {
  const book = new TrialBook();
  const numbers = Array.from({ length: count }, (_, number) => number);
  const trials = numbers.map((number) => ({
    ...{ number, configuration: number, replicate: 0, seed: number },
    parameters: {},
  }));
  for (const active of book.add('s', trials, 0)) {
    book.started(active, 1, 'worker', 0);
    active.runningSince = 0;
  }
  return book;
}

const meter = (): UsageMeter => new UsageMeter({ seconds: 0, slotSeconds: 0 }, 0);
const unknown = (): undefined => undefined;

describe('usage - of trials that run', () => {
  it('usage - each takes a slot', () => {
    const book = running(3);
    const usage = meter();
    expect(usage.withRunning(book, 10_000, unknown)).toEqual({ seconds: 10, slotSeconds: 30 });
    expect(usage.withRunning(book, 20_000, unknown).slotSeconds).toBe(60);
  });

  it('usage - those of one pack take one slot together, also when some of them have ended', () => {
    const book = running(8);
    const usage = meter();
    for (const active of book.active.values()) active.pack = 1;
    expect(usage.withRunning(book, 10_000, unknown).slotSeconds).toBeCloseTo(10);
    // Their part of the ten seconds is what their workers report.
    for (let number = 0; number < 6; number++) {
      const active = book.active.get(number);
      if (active) book.finished(active, 'completed', 10_000);
      usage.addSlotSeconds(10 / 8);
    }
    expect(usage.withRunning(book, 10_000, unknown).slotSeconds).toBeCloseTo(10);
    expect(usage.withRunning(book, 30_000, unknown).slotSeconds).toBeCloseTo(30);
  });

  it('usage - a trial that is tried again has the time of its new attempt alone, beside what was reported', () => {
    const book = running(1);
    const usage = meter();
    const [active] = [...book.active.values()];
    if (!active) throw new Error('none runs');
    expect(usage.withRunning(book, 10_000, unknown).slotSeconds).toBe(10);
    usage.addSlotSeconds(10);
    book.requeued(active);
    expect(usage.withRunning(book, 15_000, unknown).slotSeconds).toBe(10);
    book.started(active, 2, 'worker', 15_000);
    active.runningSince = 15_000;
    expect(usage.withRunning(book, 18_000, unknown).slotSeconds).toBe(13);
  });

  it('usage - of packs that a former coordinator published as many slots count as their worker says are taken', () => {
    const book = running(8);
    expect(meter().withRunning(book, 10_000, () => 2).slotSeconds).toBeCloseTo(20);
  });
});
