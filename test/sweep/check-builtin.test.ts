import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../src/sweep/definition.js';

/** Where a `har` sweep with this in it is wrong, and how. */
function problemsOf(yaml: string, objectives = '{ accuracy: maximize }'): string[] {
  const text = `name: s\ntrainable: har\nobjectives: ${objectives}\nsearch: { trials: 9 }\n${yaml}`;
  const read = readDefinition(text, { baseDirectory: '/' });
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('built-in trainables - before a trial is begun', () => {
  it('builtin - names of parameters and metrics that it has not', () => {
    const found = problemsOf(
      'fixed: { datasett: uci-har }\nspace: { foo: [1, 2], lr: [0.1] }',
      '{ accuracyy: maximize }',
    );
    expect(found).toEqual([
      expect.stringMatching(
        /^objectives.accuracyy: har has no metric "accuracyy" \(did you mean "accuracy"\?\); there is /,
      ),
      'fixed.datasett: har has no parameter "datasett" (did you mean "dataset"?)',
      'space.foo: har has no parameter "foo"',
    ]);
  });

  it.each([
    ['fixed: { passes: 0 }\nspace: { lr: [0.1] }', 'fixed.passes: must be above 0, not 0'],
    ['space: { lr: { float: [-1, 1] } }', 'space.lr: must be above 0, not -1'],
    ['space: { nhidden: [4, 0.5] }', 'space.nhidden: must be a whole number, not 0.5'],
    ['space: { nhidden: { float: [4, 8] } }', 'space.nhidden: must be a whole number, not 5.47'],
    ['space: { nhidden: { int: [1, 5000] } }', 'space.nhidden: must be at most 1024, not 5000'],
    [
      'space: { optimizer: [adamm, sgd] }',
      'space.optimizer: must be sgd, rmsprop, rmsprop-keras, adam or adamw, not "adamm" (did you mean "adam"?)',
    ],
  ])('builtin - values that it does not take: %s', (yaml, problem) =>
    expect(problemsOf(yaml)).toEqual([problem]),
  );

  it('builtin - what goes together with nothing that the search can choose', () => {
    expect(problemsOf('fixed: { nhidden2: 8 }\nspace: { lr: { float: [0.1, 1] } }')).toEqual([
      'fixed.nhidden2: is a parameter of architecture lstm-dropout; gru-two-stage has none',
    ]);
    const some = 'fixed: { nhidden2: 8, layers: 2 }\nspace: { architecture: [lstm-dropout, gru-two-stage] }';
    expect(problemsOf(some)).toEqual([]);
  });

  it('builtin - lists, texts of signals and ranges of whole numbers are taken', () => {
    const yaml =
      'fixed: { passes: 3 }\nspace: { signals: [total_acc, "total_acc,body_gyro"], nhidden: { int: [1, 25] }, dropout: [0] }';
    expect(problemsOf(yaml.replace(', dropout: [0]', ''))).toEqual([]);
  });
});
