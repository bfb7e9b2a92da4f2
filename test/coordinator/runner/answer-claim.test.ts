import { describe, expect, it } from 'vitest';
import {
  answerClaim,
  askAgain,
  dropVoidGrants,
  type ClaimRules,
  type WorkerKnowledge,
} from '../../../src/coordinator/runner/answer-claim.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import type { ClaimReply } from '../../../src/messaging/messages.js';

class Scene {
  readonly book = new TrialBook();
  readonly dead = new Set<string>();
  readonly unable = new Set<string>();
  /** What every worker says of every trial. */
  listed: boolean | undefined;
  rules: ClaimRules = { concurrency: undefined, closed: false };
  now = 0;

  constructor(trials = 1) {
    this.book.add(
      's',
      Array.from({ length: trials }, (_, number) => ({
        number,
        configuration: number,
        replicate: 0,
        seed: 1,
        parameters: {},
      })),
      0,
    );
  }

  /** Who could train it. */
  readonly others = new Set<string>();
  readonly workers: WorkerKnowledge = {
    isAlive: (id) => !this.dead.has(id),
    lists: () => this.listed,
    isUnable: (id) => this.unable.has(id),
    hasOther: (id, leftOut = []) => [...this.others].some((one) => one !== id && !leftOut.includes(one)),
    granted: () => undefined,
  };

  claim(workerId: string, ...numbers: number[]): Omit<ClaimReply, 'version'> {
    const claim = { version: 1 as const, workerId, sweepId: 's', numbers };
    const { version, ...answer } = answerClaim(this.book, claim, this.workers, this.rules, this.now);
    expect(version).toBe(1);
    return answer;
  }

  start(number: number, attempt: number, workerId: string): void {
    const active = this.book.active.get(number);
    if (active) this.book.started(active, attempt, workerId, this.now);
  }
}

describe('claims', () => {
  it('claims - a queued trial is granted with the next attempt number', () => {
    expect(new Scene(2).claim('w1', 1)).toEqual({ granted: [{ number: 1, attempt: 1 }] });
  });

  it('claims - what has its result, or never existed, is not wanted', () => {
    const scene = new Scene();
    scene.start(0, 1, 'w1');
    const active = scene.book.active.get(0);
    if (active) scene.book.finished(active, 'completed', 1);
    expect(scene.claim('w1', 0, 7)).toEqual({ granted: [] });
  });

  it('claims - a trial that another worker has is asked for again later, granted or running', () => {
    const scene = new Scene();
    scene.claim('w1', 0);
    expect(scene.claim('w2', 0)).toEqual({ granted: [], retryAfter: askAgain.runsElsewhere });
    scene.start(0, 1, 'w1');
    expect(scene.claim('w2', 0)).toEqual({ granted: [], retryAfter: askAgain.runsElsewhere });
    expect(scene.claim('w1', 0)).toEqual({ granted: [], retryAfter: askAgain.runsElsewhere });
  });

  it('claims - a worker whose answer was lost gets the same attempt; a second delivery does not', () => {
    const scene = new Scene();
    scene.claim('w1', 0);
    scene.now = 1_000;
    expect(scene.claim('w1', 0)).toEqual({ granted: [], retryAfter: askAgain.notNow });
    scene.now = 5_000;
    expect(scene.claim('w1', 0)).toEqual({ granted: [{ number: 0, attempt: 1 }] });
  });

  it('claims - a dead worker loses its grant, and its attempt number is never given again', () => {
    const scene = new Scene();
    scene.claim('w1', 0);
    scene.dead.add('w1');
    expect(scene.claim('w2', 0)).toEqual({ granted: [{ number: 0, attempt: 2 }] });
  });

  it('claims - a worker that lives and does not list the trial loses its grant after a while', () => {
    const scene = new Scene();
    scene.claim('w1', 0);
    scene.listed = false;
    scene.now = 10_000;
    dropVoidGrants(scene.book, scene.workers, scene.now);
    expect(scene.book.active.get(0)?.grant?.workerId).toBe('w1');
    scene.now = 20_000;
    dropVoidGrants(scene.book, scene.workers, scene.now);
    expect(scene.book.active.get(0)?.grant).toBeUndefined();
    expect(scene.claim('w2', 0).granted).toEqual([{ number: 0, attempt: 2 }]);
  });

  it('claims - no more than workers.concurrency at once', () => {
    const scene = new Scene(3);
    scene.rules = { concurrency: 2, closed: false };
    scene.claim('w1', 0);
    expect(scene.claim('w2', 1, 2)).toEqual({
      granted: [{ number: 1, attempt: 1 }],
      retryAfter: askAgain.notNow,
    });
  });

  it('claims - nothing is granted while the sweep ends, or to a worker that can not train it', () => {
    const scene = new Scene();
    scene.unable.add('w1');
    expect(scene.claim('w1', 0)).toEqual({ granted: [], retryAfter: askAgain.unable, unable: true });
    scene.rules = { concurrency: undefined, closed: true };
    expect(scene.claim('w2', 0)).toEqual({ granted: [], retryAfter: askAgain.notNow });
  });

  it('claims - a trial that failed at a worker is tried elsewhere first, and there again where nobody else takes it', () => {
    const scene = new Scene();
    const active = scene.book.active.get(0);
    if (!active) throw new Error('no trial');
    active.failedAt = ['w1'];
    active.notBefore = scene.now + 700;
    for (const id of ['w1', 'w2']) scene.others.add(id);
    expect(scene.claim('w2', 0)).toEqual({ granted: [], retryAfter: 700 });
    scene.now += 700;
    expect(scene.claim('w1', 0)).toEqual({ granted: [], retryAfter: 100 });
    active.failedAt = ['w1', 'w2'];
    expect(scene.claim('w1', 0).granted, 'it has failed everywhere').toHaveLength(1);
    active.failedAt = ['w1'];
    active.grant = undefined;
    expect(scene.claim('w1', 0).granted).toHaveLength(0);
    scene.now += 31_000;
    expect(scene.claim('w1', 0).granted).toHaveLength(1);
    const alone = new Scene();
    const other = alone.book.active.get(0);
    if (other) other.failedAt = ['w1'];
    expect(alone.claim('w1', 0).granted).toHaveLength(1);
  });
});
