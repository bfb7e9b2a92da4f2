import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { badCompared, fisherTail, WorkerHealth } from '../../src/coordinator/worker-health.js';
import { createRandom } from '../../src/sweep/random.js';

const crash = { class: 'crash', message: 'CUDA error 719 at kernel\n  at x' } as const;

/** A fleet in which a good worker has completed so many attempts. */
function fleet(good: number): { health: WorkerHealth; clock: { now: number } } {
  const clock = { now: 0 };
  const health = new WorkerHealth(() => clock.now);
  for (let i = 0; i < good; i++) health.ended(`good${i % 2}`, undefined);
  return { health, clock };
}

describe('worker health - the rule', () => {
  it('worker health - the exact test agrees with counting', () => {
    // 5 failures among 15 attempts, all five of them here: one way of C(15, 5) = 3003.
    expect(fisherTail({ ended: 5, failed: 5 }, { ended: 10, failed: 0 })).toBeCloseTo(1 / 3003, 12);
    // Tea: 3 or 4 of 4 right, (C(4,3) C(4,1) + 1) / C(8,4).
    expect(fisherTail({ ended: 4, failed: 3 }, { ended: 4, failed: 1 })).toBeCloseTo(17 / 70, 12);
    expect(fisherTail({ ended: 6, failed: 0 }, { ended: 9, failed: 4 })).toBeCloseTo(1, 12);
  });

  it('worker health - where all fail alike nobody is bad, and three failures alone are no proof', () => {
    expect(badCompared({ ended: 20, failed: 20 }, { ended: 20, failed: 20 })).toBeUndefined();
    expect(badCompared({ ended: 3, failed: 3 }, { ended: 5, failed: 0 })).toBeUndefined();
    expect(badCompared({ ended: 20, failed: 9 }, { ended: 200, failed: 0 })).toBeUndefined();
    expect(badCompared({ ended: 5, failed: 5 }, { ended: 20, failed: 0 })).toMatch(
      /^5 of its last 5 attempts failed, elsewhere 0 of 20 \(by chance in one of 5e\+4 cases\)$/,
    );
  });

  it('worker health - the more fail here, the surer it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(),
        fc.nat(),
        (ended, others, a, b) => {
          const elsewhere = { ended: others, failed: others === 0 ? 0 : b % (others + 1) };
          const failed = a % ended;
          const p = fisherTail({ ended, failed }, elsewhere);
          expect(p).toBeGreaterThan(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(fisherTail({ ended, failed: failed + 1 }, { ...elsewhere })).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('worker health - quarantine', () => {
  it('worker health - a bad machine is put aside, probed after its time, and released when the probe is good', () => {
    const { health, clock } = fleet(30);
    const verdicts = [1, 2, 3, 4, 5].map(() => health.ended('bad', crash));
    const caught = verdicts.findIndex((verdict) => verdict !== undefined);
    expect(caught).toBeLessThanOrEqual(4);
    expect(verdicts[caught]).toMatchObject({
      reason: expect.stringMatching(
        /failed, elsewhere 0 of 30 .*crash, CUDA error 719 at kernel\. It gets no trials for 60 s/,
      ) as string,
    });
    expect(health.isBad('bad')).toBe(true);
    expect(health.isBad('good0')).toBe(false);
    clock.now = 61_000;
    expect(health.isBad('bad')).toBe(false);
    health.granted('bad');
    expect(health.isBad('bad')).toBe(true);
    expect(health.ended('bad', crash)).toMatchObject({ reason: expect.stringContaining('120 s') as string });
    clock.now += 119_000;
    expect(health.isBad('bad')).toBe(true);
    clock.now += 2_000;
    health.granted('bad');
    expect(health.ended('bad', undefined)).toBe('released');
    expect(health.isBad('bad')).toBe(false);
    expect(health.ended('bad', crash)).toBeUndefined();
  });

  it('worker health - a fleet in which a tenth fails everywhere hardly ever loses a worker', () => {
    let quarantines = 0;
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(seed);
      const { health } = fleet(0);
      for (let i = 0; i < 1_000; i++)
        if (health.ended(`w${random.below(4)}`, random.next() < 0.1 ? crash : undefined)) quarantines++;
    }
    // Of 40,000 attempts.
    expect(quarantines).toBeLessThanOrEqual(2);
  });
});
