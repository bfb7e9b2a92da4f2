import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { expand } from '../src/coordinator/runner/planning.js';
import { TrialBook } from '../src/coordinator/runner/trial-book.js';
import { createSampler } from '../src/coordinator/search/create-sampler.js';
import type { Suggestion } from '../src/coordinator/search/sampler.js';
import type { Parameter, Parameters } from '../src/sweep/parameter.js';
import { createRandom } from '../src/sweep/random.js';
import { compileSpace } from '../src/sweep/space.js';
import { TrialState } from '../src/sweep/trial.js';
import { median, row, type Benchmark } from './benchmark.js';
import { peerPython, runPeer } from './peer-python.js';
import { sweepOf } from './search/search-run.js';

const forty: Readonly<Record<string, Parameter>> = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [`x${i}`, { kind: 'float', low: 0, high: 1, log: false } as const]),
);
const mixed: Readonly<Record<string, Parameter>> = {
  lr: { kind: 'float', low: 1e-5, high: 1, log: true },
  width: { kind: 'int', low: 16, high: 512, step: 1, log: true },
  depth: { kind: 'int', low: 1, high: 8, step: 1, log: false },
  drop: { kind: 'float', low: 0, high: 0.6, log: false },
  act: { kind: 'choice', values: ['relu', 'tanh', 'gelu'] },
};

const PeerCost = z.object({ version: z.string(), search: z.number(), suggestion: z.number() });

/** Milliseconds of `suggest` for one trial after the other; the first `drawn` are random and not timed. */
function timesOf(
  space: Readonly<Record<string, Parameter>>,
  drawn: number,
  timed: number,
  value: (parameters: Parameters) => number,
): number[] {
  const definition = sweepOf({ name: 'cost', space }, 'tpe', 1, drawn + timed);
  const compiled = compileSpace(definition);
  const sampler = createSampler(definition, compiled);
  const book = new TrialBook();
  const times: number[] = [];
  while (book.size < drawn + timed) {
    const random = createRandom(1, book.configurations);
    let suggestions: Suggestion[];
    if (book.size < drawn) suggestions = [{ parameters: compiled.random(random) }];
    else {
      const start = performance.now();
      suggestions = sampler.suggest(book, 1, random);
      times.push(performance.now() - start);
    }
    const next = { number: book.size, configuration: book.configurations };
    for (const active of book.add('cost', expand(definition, suggestions, next), 0)) {
      book.started(active, 1, 'worker', 0);
      active.trial.metrics = { value: value(active.trial.parameters) };
      book.finished(active, TrialState.Completed, 0);
    }
  }
  return times;
}

export const samplerCost: Benchmark = {
  name: 'sampler-cost',
  about: 'what a suggestion of tpe costs, beside Optuna',

  run(say) {
    say('ours');
    const search = timesOf(forty, 0, 1_000, (parameters) =>
      Object.values(parameters).reduce<number>((sum, x) => sum + (Number(x) - 0.3) ** 2, 0),
    );
    const late = timesOf(
      mixed,
      10_000,
      20,
      ({ lr, width, depth, drop, act }) =>
        Number(lr) +
        Number(width) / 512 +
        Math.abs(Number(depth) - 4) +
        Number(drop) +
        Number(act === 'tanh'),
    );
    const python = peerPython('optuna-search', ['optuna', 'cmaes', 'scipy'], say);
    if (python !== undefined) say('running Optuna');
    const peer = python === undefined ? undefined : PeerCost.parse(runPeer(python, 'optuna_cost.py', []));
    return Promise.resolve({
      benchmark: 'sampler-cost',
      rows: [
        row(
          {
            what: 'tpe, 40 parameters, all suggestions of 1,000 trials',
            unit: 's',
            ours: search.reduce((sum, ms) => sum + ms, 0) / 1_000,
            peer: peer?.search,
            reach: 0.6,
          },
          'lower',
        ),
        row(
          {
            what: 'tpe, 5 mixed parameters, one suggestion after 10,000 trials',
            unit: 'ms',
            ours: median(late),
            peer: peer?.suggestion,
            reach: 20,
          },
          'lower',
        ),
      ],
      notes: [
        peer
          ? `peer: Optuna ${peer.version}, its default TPE`
          : 'no peer: Python or its package index is out of reach',
        'one thread, from a cold start: the first suggestions include compiling',
      ],
    });
  },
};
