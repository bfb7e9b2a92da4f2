import { describe, expect, it } from 'vitest';
import { expand } from '../../../src/coordinator/runner/planning.js';
import { planTrials } from '../../../src/coordinator/runner/plan-trials.js';
import { TrialBook, type ActiveTrial } from '../../../src/coordinator/runner/trial-book.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { Sampler, Suggestion } from '../../../src/coordinator/search/sampler.js';
import { changeable, pbtOriginOf, type PbtOrigin } from '../../../src/sweep/pbt.js';
import { createRandom } from '../../../src/sweep/random.js';
import { plannedTrials } from '../../../src/sweep/samplers.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { TrialState, type Trial } from '../../../src/sweep/trial.js';
import { definitionOf, sweepOver } from '../definitions.js';

const space = '{ lr: { float: [1e-4, 1e-1], log: true }, width: { int: [1, 64] } }';

function pbtSweep(more: string, over = space, rest = ''): SweepDefinition {
  return sweepOver(over, `search: { sampler: pbt, ${more} }\n${rest}`);
}

/** A population whose parts end when the test says so. */
class Raising {
  readonly book = new TrialBook();

  constructor(readonly definition: SweepDefinition) {}

  fresh(): Sampler {
    return createSampler(this.definition, compileSpace(this.definition));
  }

  /** What is suggested now, each time by a sampler that has seen nothing, as after a restart. */
  peek(count = 100): Suggestion[] {
    return this.fresh().suggest(this.book, count, createRandom(1, this.book.configurations));
  }

  begin(count = 100): Trial[] {
    const next = { number: this.book.size, configuration: this.book.configurations };
    const added = this.book.add('s', expand(this.definition, this.peek(count), next), 0);
    for (const active of added) this.book.started(active, 1, 'worker', 0);
    return added.map(({ trial }) => trial);
  }

  /** Ends a running trial at the step at which it hands on, or at the last one. */
  end(number: number, y: number, lastStep = this.part(number).until ?? 1000): void {
    const active = this.active(number);
    active.trial.metrics = { y };
    active.trial.lastStep = lastStep;
    this.book.finished(active, TrialState.Completed, 0);
  }

  fail(number: number): void {
    this.book.finished(this.active(number), TrialState.Failed, 0);
  }

  part(number: number): PbtOrigin {
    return pbtOriginOf(this.book.find(number) ?? {}) ?? expect.fail(`trial ${number} is no part`);
  }

  private active(number: number): ActiveTrial {
    return this.book.active.get(number) ?? expect.fail(`trial ${number} has ended`);
  }
}

describe('pbt - definition', () => {
  it('pbt - fills in what is left out, and plans its trials', () => {
    const definition = pbtSweep('steps: 40');
    expect(definition.search.pbt).toEqual({
      population: 10,
      steps: 40,
      interval: 4,
      quantile: 0.25,
      perturb: [0.8, 1.25],
      resample: 0.25,
      keep: [],
    });
    expect(plannedTrials(definition, compileSpace(definition))).toBe(100);
  });

  it('pbt - knows how long har trains, and what of it may change under the same weights', () => {
    const har = (architecture: string): SweepDefinition =>
      definitionOf(
        `name: h\ntrainable: har\nfixed: { architecture: ${architecture}, passes: 20 }\nobjectives: { accuracy: maximize }\n` +
          'space: { nhidden: { int: [4, 8] }, lr: { float: [1e-4, 1e-1], log: true }, l2: { float: [0, 0.1] } }\n' +
          'search: { sampler: pbt, keep: [l2] }',
      );
    expect(har('gru-two-stage').search.pbt?.steps).toBe(60);
    expect(har('lstm-stacked').search.pbt).toMatchObject({ steps: 20, interval: 2 });
    expect(changeable(har('lstm-stacked'))).toEqual(['lr']);
  });
});

describe('pbt - generations', () => {
  const load = { room: 4, isSearched: false, budgetUsed: 0 };

  it('pbt - members begin evenly spread, with startWith first, and hand on at the interval', () => {
    const raising = new Raising(
      pbtSweep('population: 4, steps: 30, interval: 10, startWith: [{ lr: 0.01, width: 7 }]'),
    );
    const first = raising.begin();
    expect(first).toHaveLength(4);
    expect(first[0]?.parameters).toEqual({ lr: 0.01, width: 7 });
    expect(new Set(first.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(4);
    expect(first.map(({ number }) => raising.part(number))).toEqual(
      [0, 1, 2, 3].map((member) => ({ member, generation: 0, until: 10 })),
    );
  });

  it('pbt - members begin with the best of earlier sweeps, of which intervals are no results', () => {
    const definition = pbtSweep('population: 6, steps: 30, interval: 10');
    const trial = (number: number, y: number, origin?: Trial['origin']): Trial => ({
      sweepId: 'before',
      number,
      configuration: number,
      replicate: 0,
      seed: 1,
      parameters: { lr: 10 ** (-1 - number / 4), width: 5 + number },
      ...(origin === undefined ? {} : { origin }),
      state: 'completed',
      attempts: 1,
      metrics: { y },
      createdAt: 0,
    });
    const interval = { pbt: { member: 0, generation: 0, until: 10 } };
    const trials = [trial(0, 5), trial(1, 4), trial(2, 3), trial(3, 0), trial(4, 99, interval)];
    const sampler = createSampler(definition, compileSpace(definition), [
      { name: 'before', definition, trials },
    ]);
    const first = sampler.suggest({ trials: [], configurations: 0 }, 6, createRandom(1));
    expect(first).toHaveLength(6);
    const widths = first.map(({ parameters }) => parameters['width']);
    expect(widths.slice(0, 3)).toContain(5);
    expect(widths).not.toContain(9);
    expect(first.map(({ origin }) => pbtOriginOf({ origin: origin ?? null })?.member)).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });

  it('pbt - the worst part gives way to changed copies of the best, the others go on as they are', () => {
    const raising = new Raising(pbtSweep('population: 8, steps: 30, interval: 10, resample: 0'));
    raising.begin();
    for (let member = 0; member < 8; member++) raising.end(member, member);
    const next = raising.begin();
    expect(next).toHaveLength(8);
    const copied = next.slice(0, 2);
    for (const trial of copied) {
      const { member, generation, from, until } = raising.part(trial.number);
      expect({ member, generation, until }).toEqual({ member: trial.number - 8, generation: 1, until: 20 });
      expect([6, 7]).toContain(from);
      const source = raising.book.find(from ?? -1)?.parameters ?? {};
      const factor = Number(trial.parameters['lr']) / Number(source['lr']);
      expect([0.8, 1.25].some((one) => Math.abs(one - factor) < 1e-9) || trial.parameters['lr'] === 0.1).toBe(
        true,
      );
      expect(trial.parameters['width']).not.toBe(source['width']);
    }
    for (const trial of next.slice(2)) {
      expect(raising.part(trial.number)).toEqual({
        member: trial.number - 8,
        generation: 1,
        from: trial.number - 8,
        until: 20,
      });
      expect(trial.parameters).toEqual(raising.book.find(trial.number - 8)?.parameters);
    }
  });

  it('pbt - every decision has its reason', () => {
    const raising = new Raising(pbtSweep('population: 4, steps: 30, interval: 10, resample: 0'));
    const { definition } = raising;
    expect(planTrials(definition, raising.fresh(), raising.book, load).decisions).toEqual([]);
    raising.begin();
    for (let member = 0; member < 4; member++) raising.end(member, member / 10);
    const { trials, decisions } = planTrials(definition, raising.fresh(), raising.book, load);
    expect(trials.map(({ number }) => number)).toEqual([4, 5, 6, 7]);
    expect(decisions.map(({ number, action }) => [number, action])).toEqual([
      [4, 'exploit'],
      [5, 'continue'],
      [6, 'continue'],
      [7, 'continue'],
    ]);
    expect(decisions[0]?.reason).toMatch(
      /^pbt: rank 4 of 4 at step 10 \(y 0\): goes on from trial 3 \(y 0.3\) with lr [\d.e-]+ -> [\d.e-]+, width \d+ -> \d+$/,
    );
    expect(decisions[1]?.reason).toBe('pbt: rank 3 of 4 at step 10 (y 0.1): goes on as it is');
  });

  it('pbt - the last interval trains to its end, and then there is nothing more', () => {
    const raising = new Raising(pbtSweep('population: 2, steps: 25, interval: 10'));
    for (let generation = 0; generation < 3; generation++) {
      const trials = raising.begin();
      expect(trials.map(({ number }) => raising.part(number).until)).toEqual(
        generation < 2 ? [10 * (generation + 1), 10 * (generation + 1)] : [undefined, undefined],
      );
      expect(raising.fresh().isWaiting?.(raising.book)).toBe(generation < 2);
      for (const { number } of trials) raising.end(number, number);
    }
    expect(raising.peek()).toEqual([]);
    expect(raising.fresh().isWaiting?.(raising.book)).toBe(false);
    expect(raising.book.size).toBe(6);
  });

  it('pbt - waits for half of the population and for nobody beyond it', () => {
    const raising = new Raising(pbtSweep('population: 6, steps: 30, interval: 10'));
    raising.begin();
    raising.end(4, 1);
    raising.end(2, 2);
    expect(raising.peek()).toEqual([]);
    const plan = planTrials(raising.definition, raising.fresh(), raising.book, { ...load, room: 3 });
    expect(plan).toMatchObject({ trials: [], isSearched: false });
    raising.end(5, 3);
    expect(raising.begin().map(({ number }) => raising.part(number).member)).toEqual([2, 4, 5]);
  });

  it('pbt - with fewer slots than members those that are behind come first', () => {
    const raising = new Raising(pbtSweep('population: 4, steps: 40, interval: 10'));
    const order: string[] = [];
    for (;;) {
      const [trial] = raising.begin(1);
      if (!trial) break;
      const { generation, member } = raising.part(trial.number);
      order.push(`${generation}:${member}`);
      raising.end(trial.number, member);
    }
    expect(order).toEqual([0, 1, 2, 3].flatMap((g) => [0, 1, 2, 3].map((m) => `${g}:${m}`)));
  });

  it('pbt - the same whatever is asked for at a time', () => {
    const run = (size: number): string[] => {
      const raising = new Raising(pbtSweep('population: 8, steps: 30, interval: 10'));
      for (let generation = 0; generation < 3; generation++) {
        const begun: Trial[] = [];
        while (begun.length < 8) begun.push(...raising.begin(size));
        for (const { number } of begun) raising.end(number, Math.sin(number));
      }
      return raising.book.trials.map(({ parameters, origin }) => JSON.stringify([parameters, origin]));
    };
    expect(run(3)).toEqual(run(8));
    expect(run(1)).toEqual(run(8));
  });
});

describe('pbt - what goes wrong', () => {
  it('pbt - a member whose trial failed gives way to a copy of a better one', () => {
    const raising = new Raising(pbtSweep('population: 4, steps: 30, interval: 10'));
    raising.begin();
    for (let member = 0; member < 3; member++) raising.end(member, member);
    raising.fail(3);
    const next = raising.begin();
    expect(next.map(({ number }) => raising.part(number))).toMatchObject([
      { member: 0, from: 0 },
      { member: 1, from: 1 },
      { member: 2, from: 2 },
      { member: 3, from: 2 },
    ]);
    expect(next[3]?.parameters).not.toEqual(raising.book.find(2)?.parameters);
  });

  it('pbt - where all of them failed the search is over', () => {
    const raising = new Raising(pbtSweep('population: 2, steps: 30, interval: 10'));
    raising.begin();
    raising.fail(0);
    raising.fail(1);
    expect(raising.peek()).toEqual([]);
    expect(raising.fresh().isWaiting?.(raising.book)).toBe(false);
  });

  it('pbt - who stopped by itself before the interval was over is done, and nobody goes on from it', () => {
    const raising = new Raising(pbtSweep('population: 4, steps: 30, interval: 10'));
    raising.begin();
    for (let member = 0; member < 3; member++) raising.end(member, member);
    raising.end(3, 9, 7);
    const next = raising.begin();
    expect(next.map(({ number }) => raising.part(number).member)).toEqual([0, 1, 2]);
    for (const { number } of next) expect(raising.part(number).from).not.toBe(3);
    // Three are enough now: two of them are more than half.
    raising.end(4, 1);
    raising.end(5, 2);
    expect(raising.peek()).toHaveLength(2);
  });

  it('pbt - equally good members are not copied', () => {
    const raising = new Raising(pbtSweep('population: 4, steps: 30, interval: 10'));
    raising.begin();
    for (let member = 0; member < 4; member++) raising.end(member, 1);
    expect(raising.peek().map(({ decision }) => decision?.action)).toEqual(new Array(4).fill('continue'));
  });

  it('pbt - results that break a limit come after those that hold all', () => {
    const raising = new Raising(
      pbtSweep('population: 4, steps: 30, interval: 10', space, 'limits: ["y <= 5"]'),
    );
    raising.begin();
    for (const [member, y] of [1, 2, 3, 9].entries()) raising.end(member, y);
    expect(raising.begin().map(({ number }) => raising.part(number))).toMatchObject([
      { from: 0 },
      { from: 1 },
      { from: 2 },
      { member: 3, from: 2 },
    ]);
  });

  it('pbt - trials that a user has added are no members', () => {
    const raising = new Raising(pbtSweep('population: 2, steps: 30, interval: 10'));
    raising.begin();
    raising.book.add(
      's',
      [{ number: 2, configuration: 2, replicate: 0, seed: 1, parameters: { lr: 0.1, width: 1 } }],
      0,
    );
    raising.end(0, 0);
    raising.end(1, 1);
    expect(raising.begin().map(({ number }) => raising.part(number).from)).toEqual([1, 1]);
  });
});

describe('pbt - checkpoints', () => {
  it('pbt - those of a generation are kept until everybody has left it', () => {
    const raising = new Raising(pbtSweep('population: 4, steps: 30, interval: 10'));
    const kept = (): number[] => [...(raising.fresh().goesOnFrom?.(raising.book) ?? [])];
    raising.begin();
    expect(kept()).toEqual([]);
    for (let member = 0; member < 3; member++) raising.end(member, member);
    expect(kept()).toEqual([0, 1, 2]);
    raising.begin();
    expect(kept()).toEqual([0, 1, 2]);
    raising.end(3, 3);
    raising.begin();
    expect(kept()).toEqual([]);
  });
});

describe('pbt - changes', () => {
  /** Parameters of copies of one configuration. */
  function copies(definition: SweepDefinition, runs: number): { before: Trial; after: Trial }[] {
    const found: { before: Trial; after: Trial }[] = [];
    for (let seed = 1; seed <= runs; seed++) {
      const raising = new Raising({ ...definition, search: { ...definition.search, seed } });
      raising.begin();
      raising.end(0, 0);
      raising.end(1, 1);
      for (const after of raising.begin()) {
        const before = raising.book.find(raising.part(after.number).from ?? -1);
        if (before && raising.part(after.number).member === 0) found.push({ before, after });
      }
    }
    expect(found).toHaveLength(runs);
    return found;
  }

  it('pbt - what is kept and what has no order stays, steps move by one at least, zero moves', () => {
    const definition = pbtSweep(
      'population: 2, steps: 9, interval: 3, resample: 0, keep: [width]',
      '{ width: { int: [1, 64] }, net: [a, b], layers: { ordinal: [1, 2, 4] }, k: { int: [2, 4] }, drop: { float: [0, 0.5] }, warm: { value: "drop / 2" } }',
    );
    for (const { before, after } of copies(definition, 40)) {
      expect(after.parameters['width']).toBe(before.parameters['width']);
      expect(after.parameters['net']).toBe(before.parameters['net']);
      const [k, was] = [Number(after.parameters['k']), Number(before.parameters['k'])];
      // At a bound half of the changes lead nowhere.
      expect(Math.abs(k - was) === 1 || (k === was && (k === 2 || k === 4))).toBe(true);
      const moved = Math.abs(Number(after.parameters['drop']) - Number(before.parameters['drop']));
      const atBound = [0, 0.5].includes(Number(after.parameters['drop']));
      expect(atBound || Math.abs(moved - 0.1) < 1e-9 || Math.abs(moved - 0.125) < 1e-9).toBe(true);
      expect(after.parameters['warm']).toBeCloseTo(Number(after.parameters['drop']) / 2, 12);
    }
  });

  it('pbt - both factors, and drawing anew, as often as they should', () => {
    const definition = pbtSweep(
      'population: 2, steps: 9, interval: 3, resample: 0.3, perturb: [0.5, 2]',
      '{ lr: { float: [1e-9, 1], log: true } }',
    );
    let [down, up, anew] = [0, 0, 0];
    for (const { before, after } of copies(definition, 400)) {
      const factor = Number(after.parameters['lr']) / Number(before.parameters['lr']);
      if (Math.abs(factor - 0.5) < 1e-9) down++;
      else if (Math.abs(factor - 2) < 1e-9) up++;
      else anew++;
    }
    // Four standard deviations.
    expect(Math.abs(anew - 120)).toBeLessThan(4 * Math.sqrt(400 * 0.3 * 0.7) + 10);
    expect(Math.abs(down - up)).toBeLessThan(4 * Math.sqrt(280));
  });

  it('pbt - copies hold the constraints, and have what a change brings into being', () => {
    const definition = pbtSweep(
      'population: 2, steps: 9, interval: 3, resample: 0.5',
      '{ net: [a, b], x: { float: [0, 1] }, z: { float: [0, 1], when: \'net == "b"\' } }',
      "constraints: ['x <= 0.5']",
    );
    for (const { after } of copies(definition, 60))
      expect(compileSpace(definition).explain(after.parameters)).toBeUndefined();
  });
});
