import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { CmaesOrigin } from '../../../src/coordinator/search/cmaes/origin.js';
import type { Suggestion } from '../../../src/coordinator/search/sampler.js';
import { simulate } from '../../../src/coordinator/simulation/simulate.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { FailureClass, type Trial } from '../../../src/sweep/trial.js';
import { processorTime } from '../../processor-time.js';
import { sweepOver } from '../definitions.js';
import { Searching } from './run-samplers.js';

const originOf = ({ origin }: Pick<Trial, 'origin'>): CmaesOrigin => origin as unknown as CmaesOrigin;

/** By run, the generations of its trials in the order in which they came. */
function generationsOf(trials: readonly Trial[]): number[][] {
  const runs: number[][] = [];
  for (const trial of trials) (runs[originOf(trial).run] ??= []).push(originOf(trial).generation);
  return runs;
}

/** A plateau on which every run soon comes to its end. */
const plateau = sweepOver(
  '{ a: { int: [0, 1000] }, b: { int: [0, 1000] } }',
  'search: { sampler: cmaes, trials: 9999 }',
);

describe('cmaes - runs', () => {
  it('cmaes - no run goes back when another one ends, and later ones have twice the population', () => {
    const searching = new Searching(plateau);
    for (let i = 0; i < 60; i++) {
      searching.begin(13);
      searching.end(() => ({ y: 0 }));
      if (i % 20 === 0) searching.restart();
    }
    const runs = generationsOf(searching.book.trials);
    for (const generations of runs) expect(generations).toEqual([...generations].sort((x, y) => x - y));
    const populations = searching.book.trials.map((trial) => originOf(trial).population ?? 0);
    expect(new Set(populations)).toEqual(new Set([6, 12, 24, 48].slice(0, new Set(populations).size)));
    expect(new Set(populations).size).toBeGreaterThan(1);
    // Each generation is as large as its run's first said.
    const [first = []] = runs;
    expect(first.filter((generation) => generation === 1)).toHaveLength(6);
  });

  it('cmaes - a sweep whose trials do not store populations and orders goes on', () => {
    const before = new Searching(plateau);
    const after = new Searching(plateau);
    for (let i = 0; i < 8; i++) {
      const suggestions = before.peek(10);
      before.add(suggestions);
      after.add(
        suggestions.map(({ parameters, origin }): Suggestion => {
          const { run, generation, point } = originOf({ origin: origin ?? null });
          return { parameters, origin: { run, generation, point: [...point] } };
        }),
      );
      for (const searching of [before, after]) searching.end(({ a, b }) => ({ y: -Number(a) - Number(b) }));
    }
    expect(after.peek(10)).toEqual(before.peek(10));
  });

  it('cmaes - what was lost or cancelled is drawn again, and no bad result', () => {
    const searching = new Searching(
      sweepOver('{ a: { float: [0, 1] }, b: { float: [0, 1] } }', 'search: { sampler: cmaes, trials: 9999 }'),
    );
    searching.begin(6);
    searching.end((_, number) =>
      number < 2 ? { class: FailureClass.Lost, message: 'worker lost' } : { y: number },
    );
    searching.begin(2);
    expect(searching.book.trials.map((trial) => originOf(trial).generation)).toEqual(new Array(8).fill(0));
    searching.end((_, number) => ({ y: number }));
    searching.begin(1);
    const { generation, before } = originOf(searching.book.trials[8] ?? expect.fail('no trial'));
    expect([generation, before?.order]).toEqual([1, [7, 6, 5, 4, 3, 2]]);
  });

  it('cmaes - a generation stays as it was judged when its replicates say more later', () => {
    const searching = new Searching(plateau);
    searching.begin(6);
    searching.end((_, number) => ({ y: number }));
    searching.begin(1);
    const peeked = searching.peek(3);
    const [first] = searching.book.trials;
    if (!first) expect.fail('no trial');
    const trials = [...searching.book.trials, { ...first, number: 7, replicate: 1, metrics: { y: 99 } }];
    const history = { trials, configurations: searching.book.configurations };
    const random = createRandom(plateau.search.seed, history.configurations);
    expect(createSampler(plateau, compileSpace(plateau)).suggest(history, 3, random)).toEqual(peeked);
  });

  it.each(['', ', resume: true'])('cmaes - learns beside asha%s', (resume) => {
    const definition = sweepOver(
      '{ a: { float: [0, 1] }, b: { float: [0, 1] } }',
      `search: { sampler: cmaes, trials: 200 }\npruner: { type: asha, min: 1, max: 9, reduction: 3${resume} }`,
    );
    const space = compileSpace(definition);
    const { book } = simulate({
      definition,
      sampler: createSampler(definition, space),
      ...(definition.pruner && { pruner: createPruner(definition.pruner, space) }),
      workers: 4,
      trainable: ({ parameters: { a, b } }) => ({
        reports: 9,
        report: (i) => ({
          step: i + 1,
          metrics: { y: -((Number(a) - 0.3) ** 2) - (Number(b) - 0.6) ** 2 - 1 / (i + 1) },
        }),
        seconds: () => 1,
      }),
    });
    const distances = book.trials.map(({ parameters: { a, b } }) =>
      Math.hypot(Number(a) - 0.3, Number(b) - 0.6),
    );
    const late = distances.slice(150).sort((x, y) => x - y);
    expect(Math.max(...generationsOf(book.trials).flat())).toBeGreaterThan(10);
    expect(late[25]).toBeLessThan(0.05);
  });

  it('cmaes - a suggestion after 10,000 trials takes a moment, and a restart gives the same', () => {
    const names = [...'abcdefghij'];
    const searching = new Searching(
      sweepOver(
        `{ ${names.map((name) => `${name}: { float: [0, 1] }`).join(', ')} }`,
        'search: { sampler: cmaes, trials: 99999 }',
      ),
    );
    while (searching.book.size < 10_000) {
      searching.begin(50);
      searching.end((parameters) => ({
        y: -Object.values(parameters).reduce((sum: number, value) => sum + (Number(value) - 0.37) ** 2, 0),
      }));
    }
    // 20 ms each on a quiet machine are the aim; this one may be busy.
    expect(processorTime(() => void searching.peek(1))).toBeLessThan(100);
    const expected = searching.peek(25);
    searching.restart();
    expect(searching.peek(25)).toEqual(expected);
  });
});
