import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../src/analysis/advice.js';
import { forecast } from '../../src/analysis/forecast.js';
import { rankSweep } from '../../src/analysis/ranking.js';
import { samplerAdvice } from '../../src/analysis/sampler-advice.js';
import { createRandom } from '../../src/sweep/random.js';
import { compileSpace } from '../../src/sweep/space.js';
import { completed, definitionOf, randomTrials } from './sweeps.js';

const definition = definitionOf(`
space: { lr: { float: [1e-4, 1e-1], log: true }, size: { int: [1, 20] }, junk: { float: [0, 1] } }
objectives: { accuracy: maximize, memory: minimize }
limits: ['memory <= 12']
replicates: 2
search: { trials: 200, sampler: gp }
`);
/** As gp stores it: the first configurations are evenly spread. */
function originOf(configuration: number, spread = 30) {
  return configuration < spread ? { sobol: configuration } : { gp: 'global' };
}
/** Better the smaller lr is; size 10 is best, but for the limit; junk is nothing. */
const trials = randomTrials(
  definition,
  150,
  ({ lr, size }, random) => ({
    accuracy: -Math.log10(Number(lr)) / 2 - ((Number(size) - 18) / 20) ** 2 + 0.01 * random.normal(),
    memory: Number(size),
  }),
  2,
).map((trial) => ({ ...trial, origin: originOf(trial.configuration) }));
const kinds = (advice: ReturnType<typeof adviceOn>) =>
  advice.map(({ kind, parameter }) => (parameter === undefined ? kind : `${kind} ${parameter}`));

describe('advice', () => {
  it('advice - a bound, a parameter of no importance, a limit that costs, a sampler that did not help', () => {
    const advice = adviceOn(definition, trials);
    expect(kinds(advice)).toEqual(
      expect.arrayContaining(['bound lr', 'unimportant junk', 'limit', 'no-better-than-random']),
    );
    expect(kinds(advice)).not.toContain('bound junk');
    expect(kinds(advice)).not.toContain('unimportant lr');
    const bound = advice.find(({ kind }) => kind === 'bound')?.text;
    expect(bound).toMatch(
      /^The best configurations lie at the lower bound of lr \(0\.0001; \d of the best \d+\)/,
    );
    expect(advice.find(({ kind }) => kind === 'limit')?.text).toMatch(
      /^The limit memory <= 12 costs 0\.\d+ of accuracy/,
    );
  });

  it('advice - which pruner fits where long trials ran whole', () => {
    const sweep = (more: string) => definitionOf(`space: { x: { float: [0, 1] } }\n${more}`);
    const one = sweep('objectives: { accuracy: maximize }\nsearch: { trials: 50 }');
    const runs = (seconds: number, lastStep: number) =>
      randomTrials(one, 12, ({ x }) => ({ accuracy: Number(x) })).map((trial) => {
        return { ...trial, lastStep, startedAt: 1000, finishedAt: 1000 * (1 + seconds) };
      });
    const pruner = (...given: Parameters<typeof adviceOn>) =>
      adviceOn(...given).find(({ kind }) => kind === 'pruner')?.text;
    expect(pruner(one, runs(125, 90))).toBe(
      'No pruner: every trial ran whole, 2 m 5 s each. pruner: { type: forecast, max: 90 } goes on with what promises most, by a model of the curves. If the trainable keeps no checkpoints, { type: asha, max: 90 } is the better one.',
    );
    const several = sweep('objectives: { accuracy: maximize, memory: minimize }\nsearch: { trials: 50 }');
    const many = sweep('objectives: { accuracy: maximize }\nsearch: { trials: 5000 }');
    for (const other of [several, many])
      expect(pruner(other, runs(125, 90))).toContain('pruner: { type: asha, max: 90 } stops early');
    expect(pruner(one, runs(20, 90))).toBeUndefined();
    expect(pruner(one, runs(125, 3))).toBeUndefined();
    const pruned = sweep('objectives: { accuracy: maximize }\nsearch: { trials: 50 }\npruner: asha');
    expect(pruner(pruned, runs(125, 90))).toBeUndefined();
  });

  it('advice - a sampler that learnt is not blamed', () => {
    const learnt = trials.map((trial) =>
      trial.configuration < 30
        ? trial
        : { ...trial, metrics: { ...trial.metrics, accuracy: 0.9 + (trial.metrics['accuracy'] ?? 0) } },
    );
    expect(kinds(adviceOn(definition, learnt))).not.toContain('no-better-than-random');
  });

  it.each([
    ['nsga2', 40],
    ['gp', 14],
  ])(
    'advice - what %s proposed is compared with the %i configurations that it spread evenly',
    (sampler, spread) => {
      const sweep = definitionOf(
        `space: { a: { float: [0, 1] }, b: { float: [0, 1] } }\nobjectives: { y: maximize }\nsearch: { sampler: ${sampler}, trials: 60 }`,
      );
      const said = (run: number, gain: number, learnt: number): boolean => {
        const random = createRandom(9, run);
        const found = Array.from({ length: spread + learnt }, (_, c) =>
          completed(c, {
            origin: originOf(c, spread),
            parameters: { a: random.next(), b: random.next() },
            metrics: { y: random.normal() + (c < spread ? 0 : gain) },
          }),
        );
        return samplerAdvice(sweep, compileSpace(sweep), found, rankSweep(sweep, found)) !== undefined;
      };
      const times = (gain: number, learnt: number): number =>
        Array.from({ length: 20 }, (_, run) => said(run, gain, learnt)).filter(Boolean).length;
      expect(times(1.5, 20)).toBe(0);
      // A gain that few trials do not prove is not denied either.
      expect(times(0.7, 20)).toBeLessThan(4);
      expect(times(0, 100)).toBeGreaterThan(10);
    },
  );

  it('advice - what breaks a limit, was given or was added is neither before nor after', () => {
    const sweep = definitionOf(
      'space: { a: { float: [0, 1] } }\nobjectives: { y: maximize }\nlimits: ["memory <= 100"]\nsearch: { sampler: gp, trials: 90 }',
    );
    const random = createRandom(5);
    const spread = Array.from({ length: 10 }, (_, c) => ({
      origin: { sobol: c },
      metrics: c % 2 === 0 ? { y: 0.99, memory: 1000 } : { y: 0.3 + 0.01 * random.next(), memory: 50 },
    }));
    const given = [{ startWith: 0 }, { warmStart: 'earlier' }, { added: true }].flatMap((origin) =>
      Array.from({ length: 10 }, () => ({ origin, metrics: { y: 0.1, memory: 50 } })),
    );
    const learnt = Array.from({ length: 30 }, () => ({
      origin: { gp: 'local', around: 1 },
      metrics: { y: 0.9 + 0.01 * random.next(), memory: 50 },
    }));
    const all = [...spread, ...given, ...learnt].map((trial, c) =>
      completed(c, { parameters: { a: random.next() }, ...trial }),
    );
    expect(kinds(adviceOn(sweep, all))).not.toContain('no-better-than-random');
    const worse = all.map((trial, c) => (c < 40 ? trial : { ...trial, metrics: { y: 0.2, memory: 50 } }));
    expect(adviceOn(sweep, worse).find(({ kind }) => kind === 'no-better-than-random')?.text).toBe(
      'What gp proposed is no better than the 5 evenly spread configurations that it began with: random search would have done as well.',
    );
  });

  it('advice - on a logarithmic scale of whole numbers, who has the first one lies at the bound', () => {
    const sweep = definitionOf(
      'space: { n: { int: [1, 64], log: true }, b: { float: [0, 1] } }\nobjectives: { y: maximize }\nsearch: { sampler: random, trials: 60 }',
    );
    const found = randomTrials(sweep, 60, ({ n }, random) => ({
      y: -Math.log(Number(n)) + 0.01 * random.normal(),
    }));
    expect(adviceOn(sweep, found).find(({ kind }) => kind === 'bound')?.text).toBe(
      'The best configurations lie at the lower bound of n (1; 6 of the best 6): widen its range there.',
    );
  });

  it('advice - of noise alone: too little to say, and seeds; failures are named', () => {
    const noise = randomTrials(definition, 40, (_, random) => ({ accuracy: random.normal(), memory: 1 }), 2);
    const failed = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) =>
      completed(80 + i, {
        state: 'failed' as const,
        failure: { class: 'memory' as const, message: 'needs 9 GB\nof 8' },
      }),
    );
    const advice = adviceOn(definition, [...noise, ...failed]);
    expect(kinds(advice)).toEqual(expect.arrayContaining(['seeds', 'too-little', 'failures']));
    expect(kinds(advice).some((kind) => kind.startsWith('unimportant'))).toBe(false);
    expect(advice.at(-1)?.text).toBe('10 of 90 trials failed, 10 of them by memory (needs 9 GB).');
    expect(adviceOn(definition, [])).toMatchObject([{ kind: 'too-little' }]);
  });

  it('advice - too few configurations, or all of them equal, are called what they are', () => {
    const sweep = definitionOf(
      'space: { x: { float: [0, 1] } }\nobjectives: { y: maximize }\nsearch: { trials: 30 }',
    );
    const said = (count: number): string | undefined =>
      adviceOn(
        sweep,
        randomTrials(sweep, count, () => ({ y: 1 })),
      ).find(({ kind }) => kind === 'too-little')?.text;
    expect(said(1)).toBe('1 configuration has a result, too few to say which parameters matter.');
    expect(said(7)).toBe('7 configurations have a result, too few to say which parameters matter.');
    expect(said(20)).toBe('All 20 configurations have the same y: nothing says which parameters matter.');
  });
});

describe('forecast', () => {
  const pace = { ended: 20, planned: 100, seconds: 200, slotSeconds: 800 };

  it('forecast - the trials end it, or the first budget', () => {
    expect(forecast({}, pace)).toMatchObject({ seconds: 800, endsBy: 'trials', trials: 100 });
    expect(forecast({ time: 500 }, pace)).toMatchObject({ seconds: 300, endsBy: 'time', trials: 50 });
    expect(forecast({ gpuHours: 1 }, pace)).toMatchObject({ seconds: 700, endsBy: 'gpuHours', trials: 90 });
    const priced = forecast({ cost: 1, pricePerGpuHour: 2 }, pace);
    expect(priced).toMatchObject({ seconds: 250, endsBy: 'cost', trials: 45 });
    expect(priced?.cost).toBeCloseTo(1, 9);
    expect(priced?.costLeft).toBeCloseTo(1 - (800 / 3600) * 2, 9);
  });

  it('forecast - says nothing where nothing is known', () => {
    expect(forecast({}, { ...pace, ended: 2 })).toBeUndefined();
    expect(forecast({}, { ...pace, planned: undefined })).toBeUndefined();
  });
});
