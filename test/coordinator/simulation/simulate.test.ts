import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { trainableLike } from '../../../src/coordinator/simulation/from-results.js';
import { simulate, type SimulationOutcome } from '../../../src/coordinator/simulation/simulate.js';
import type { VirtualTrainable } from '../../../src/coordinator/simulation/virtual-trainable.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { Trial } from '../../../src/sweep/trial.js';
import { sweepOver } from '../definitions.js';

/** y rises from 0 to x over so many steps, each of which takes a second. */
function rising(steps: number): VirtualTrainable {
  return ({ parameters }) => ({
    reports: steps,
    report: (index) => ({ step: index + 1, metrics: { y: (Number(parameters['x']) * (index + 1)) / steps } }),
    seconds: () => 1,
  });
}

function run(more: string, workers: number, steps = 9): SimulationOutcome {
  const definition = sweepOver('{ x: { float: [0, 1] } }', more);
  const space = compileSpace(definition);
  const pruner = definition.pruner && createPruner(definition.pruner, space);
  return simulate({
    definition,
    sampler: createSampler(definition, space),
    ...(pruner ? { pruner } : {}),
    trainable: rising(steps),
    workers,
  });
}

const random = (trials: number): string => `search: { sampler: random, trials: ${trials} }`;

describe('simulation', () => {
  it('simulation - trials of equal length take their number over the workers, and no slot idles', () => {
    expect(run(random(100), 10)).toMatchObject({ seconds: 90, slotSeconds: 900, reports: 900 });
    expect(run(random(5), 64)).toMatchObject({ seconds: 9, slotSeconds: 45 });
    expect(run(`${random(10)}\nworkers: { concurrency: 2 }`, 10)).toMatchObject({ seconds: 45 });
  });

  it('simulation - budgets end it to the second, a goal after what runs has finished', () => {
    expect(run(`${random(100)}\nbudget: { time: 20s }`, 10)).toMatchObject({ seconds: 20, slotSeconds: 200 });
    const hours = run(`${random(100)}\nbudget: { gpuHours: 0.05 }`, 10);
    expect(hours.slotSeconds).toBeCloseTo(180);
    const goal = run(`${random(1000)}\nbudget: { until: "y >= 0.9" }`, 1);
    expect(goal.reason).toMatch(/has reached the goal/);
    expect(goal.book.counts.completed).toBeLessThan(100);
    expect(goal.book.trials.at(-1)?.metrics['y']).toBeGreaterThanOrEqual(0.9);
  });

  it.each(['time: 1000s', 'gpuHours: 0.2778', 'cost: 2, pricePerGpuHour: 7.2'])(
    'simulation - the last fifth of a budget is the race: %s',
    (budget) => {
      const definition = sweepOver(
        '{ x: { float: [0, 1] } }',
        `search: { sampler: random }\nreplicates: { min: 1, max: 50 }\nbudget: { ${budget} }`,
      );
      const { book } = simulate({
        definition,
        sampler: createSampler(definition, compileSpace(definition)),
        // Ten seconds a trial; its seed decides what it comes to.
        trainable: ({ seed }) => ({
          reports: 1,
          report: () => ({ step: 1, metrics: { y: createRandom(seed).normal() } }),
          seconds: () => 10,
        }),
        workers: 1,
      });
      const further = book.trials.map(({ replicate }) => replicate > 0);
      expect(further.slice(0, 80).filter(Boolean).length).toBeLessThanOrEqual(27);
      expect(further.slice(81, 99)).toEqual(further.slice(81, 99).map(() => true));
      expect(further.length).toBeGreaterThanOrEqual(99);
    },
  );

  it('simulation - the same twice, decision by decision', () => {
    const sweep = `${random(200)}\npruner: { type: asha, max: 9, resume: true }`;
    const [a, b] = [run(sweep, 7), run(sweep, 7)];
    expect(a.decisions.length).toBeGreaterThan(100);
    expect(b.decisions).toEqual(a.decisions);
    expect(b.book.trials).toEqual(a.book.trials);
  });

  it('asha - trains about as many trials at each rung as a third of those below; whoever ran whole was good', () => {
    const { book, decisions } = run(`${random(270)}\npruner: { type: asha, max: 9, resume: true }`, 8);
    const beyond = (step: number): number => book.trials.filter(({ lastStep = 0 }) => lastStep > step).length;
    expect(book.counts.completed + book.counts.pruned).toBe(270);
    expect(beyond(1)).toBeGreaterThanOrEqual(90);
    expect(beyond(1)).toBeLessThan(120);
    expect(beyond(3)).toBeGreaterThanOrEqual(30);
    expect(beyond(3)).toBeLessThan(45);
    const best = [...book.trials].sort((a, b) => Number(b.parameters['x']) - Number(a.parameters['x']));
    for (const { state } of best.slice(0, 20)) expect(state).toBe('completed');
    expect(decisions.some(({ action }) => action === 'promote')).toBe(true);
    for (const { state, reason } of book.trials)
      if (state === 'pruned') expect(reason).toMatch(/^asha: rank \d+ of \d+ at rung [13], when/);
  });

  it('asha - with pauses, few trials and many workers every sweep ends, and one trial has run whole', () => {
    for (const trials of [1, 2, 3, 4, 5, 10]) {
      for (const workers of [1, 3, 50]) {
        const { book } = run(
          `${random(trials)}\npruner: { type: asha, max: 9, reduction: 4, resume: true }`,
          workers,
        );
        expect(book.active.size).toBe(0);
        expect(book.counts.completed).toBeGreaterThanOrEqual(1);
        expect(book.size).toBe(trials);
      }
    }
  });

  it('asha - stopping trains less than everything, and the best still runs whole', () => {
    const { book, reports } = run(`${random(100)}\npruner: { type: asha, max: 9 }`, 4);
    expect(reports).toBeLessThan(400);
    const best = book.trials.reduce((a, b) =>
      Number(b.parameters['x']) > Number(a.parameters['x']) ? b : a,
    );
    expect(best.state).toBe('completed');
  });

  it('simulation - 10,000 trials on 500 workers in seconds', () => {
    const before = performance.now();
    const { book } = run(`${random(10_000)}\npruner: { type: asha, max: 81, resume: true }`, 500, 81);
    expect(book.counts.completed + book.counts.pruned).toBe(10_000);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe('simulation by earlier results', () => {
  const over = '{ x: { float: [0, 1] }, lr: { float: [1e-4, 1], log: true } }';
  const space = compileSpace(sweepOver(over, random(1)));
  const earlier = (number: number, x: number, lr: number, more: Partial<Trial> = {}): Trial => ({
    sweepId: 's',
    number,
    configuration: number,
    replicate: 0,
    seed: 1,
    parameters: { x, lr },
    state: 'completed',
    attempts: 1,
    metrics: { y: x, memory: 5 },
    createdAt: 0,
    startedAt: 1_000,
    finishedAt: 11_000,
    ...more,
  });
  const report = (number: number, step: number, y: number, attempt = 1) => ({
    number,
    attempt,
    sequence: step,
    step,
    metrics: { y },
    reportedAt: 0,
  });

  it('simulation - the nearest completed trial lends its curve, result and time', () => {
    const trainable = trainableLike(space, [
      {
        trial: earlier(0, 0.1, 0.01),
        reports: [report(0, 2, 0.3), report(0, 5, 0.1), report(0, 2, 0.05, 2)],
      },
      { trial: earlier(1, 0.9, 0.01, { finishedAt: 41_000 }), reports: [] },
      { trial: earlier(2, 0.2, 0.01, { state: 'failed' }), reports: [] },
    ]);
    const near = trainable({ number: 7, configuration: 7, seed: 1, parameters: { x: 0.25, lr: 0.02 } });
    expect(near.reports).toBe(2);
    expect(near.report(0)).toEqual({ step: 2, metrics: { y: 0.05 } });
    expect(near.report(1)).toEqual({ step: 5, metrics: { y: 0.1, memory: 5 } });
    expect(near.seconds(0) + near.seconds(1)).toBeCloseTo(10);
    const far = trainable({ number: 8, configuration: 8, seed: 1, parameters: { x: 0.8, lr: 0.02 } });
    expect(far.report(0).metrics).toMatchObject({ y: 0.9 });
    expect(far.seconds(0)).toBeCloseTo(40);
  });

  it('simulation - a choice has no order: another value of it is far away, whichever it is', () => {
    const names = ['sgd', 'adam', 'lion', 'rmsprop', 'adagrad', 'nadam', 'ftrl', 'lamb'];
    const chosen = compileSpace(sweepOver(`{ opt: [${names.join(', ')}], x: { float: [0, 1] } }`, random(1)));
    const trial = (opt: string, x: number) => ({
      number: 7,
      configuration: 7,
      seed: 1,
      parameters: { opt, x },
    });
    const trainable = trainableLike(chosen, [
      { trial: { ...earlier(0, 0, 0), ...trial('sgd', 0.5), metrics: { y: 1 } }, reports: [] },
      { trial: { ...earlier(1, 0, 0), ...trial('adam', 0.7), metrics: { y: 2 } }, reports: [] },
    ]);
    expect(trainable(trial('adam', 0.5)).report(0).metrics).toEqual({ y: 2 });
    expect(trainable(trial('sgd', 0.7)).report(0).metrics).toEqual({ y: 1 });
    expect(trainable(trial('lamb', 0.69)).report(0).metrics).toEqual({ y: 2 });
  });

  it('simulation - who reports at step 0 alone takes the time that it took', () => {
    const at = (reports: Parameters<typeof trainableLike>[1][number]['reports'], perStep?: number) =>
      trainableLike(space, [{ trial: earlier(0, 0.1, 0.1), reports }], perStep)(earlier(7, 0.1, 0.1));
    expect(at([report(0, 0, 0.5)]).seconds(0)).toBeCloseTo(10);
    expect(at([report(0, 0, 0.5)], 3).seconds(0)).toBeCloseTo(3);
    const two = at([report(0, 0, 0.5), report(0, 1, 0.5)]);
    expect(two.seconds(0) + two.seconds(1)).toBeCloseTo(10);
  });

  it('simulation - without a completed trial there is nothing to go by', () => {
    const failed = [{ trial: earlier(0, 0.1, 0.1, { state: 'failed' }), reports: [] }];
    expect(() => trainableLike(space, failed)).toThrow('no trial of the earlier sweep was completed');
  });
});
