import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/coordinator/cli/read-settings.js';
import { UsageError } from '../../../src/support/errors.js';

describe('settings of a command', () => {
  it('set - limits, durations, bounds, and none', () => {
    expect(
      readSettings([
        'concurrency=8',
        'trials=none',
        'time=1h30m',
        'cost=2.5',
        'lr=[1e-4,1e-2]',
        'units=none',
      ]),
    ).toEqual({
      concurrency: 8,
      trials: null,
      time: 5400,
      cost: 2.5,
      bounds: { lr: [1e-4, 1e-2], units: null },
    });
  });

  it.each([
    ['concurrency', 'must be name=value'],
    ['time=soon', 'must be a duration such as 4h'],
    ['concurrency=many', 'must be a number or none'],
    ['lr=1e-4..1e-2', 'must be bounds such as [1e-4,1e-2] or none'],
    ['concurrency=1.5', 'concurrency must be a whole number, not 1.5'],
    ['trials=0', 'trials must be above 0, not 0'],
    ['lr=[1,2,3]', 'lr must have at most 2 values, not 3'],
    ['foo=1', '"foo" is no setting: there are time, concurrency, trials, gpuHours, cost, and bounds'],
  ])('set - %s is refused: %s', (word, problem) => {
    expect(() => readSettings([word])).toThrow(UsageError);
    expect(() => readSettings([word])).toThrow(problem);
  });

  it('set - nothing is set twice', () => {
    expect(() => readSettings(['trials=1', 'trials=2'])).toThrow('"trials" is set twice');
  });
});
