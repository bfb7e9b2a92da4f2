import { describe, expect, it } from 'vitest';
import { besideOf } from '../../src/analysis/beside.js';
import type { Parameter } from '../../src/sweep/parameter.js';

const int: Parameter = { kind: 'int', low: 1, high: 25, step: 1, log: false };
const objectives = { accuracy: 'maximize', memory: 'minimize' } as const;

describe('another sweep beside a sweep', () => {
  it('beside - what both fix to different values makes it another experiment, and is named', () => {
    const ours = {
      fixed: { batchSize: 2000, signals: ['acc', 'gyro'], lr: 0.0025 },
      space: { nhidden: int },
      objectives,
    };
    const same = { fixed: { batchSize: 2000, passes: 200 }, space: { nhidden: int }, objectives };
    expect(besideOf(ours, same)).toEqual({
      searched: ['nhidden'],
      metrics: ['accuracy', 'memory'],
      fixed: {},
      differing: [],
    });
    const other = { ...same, fixed: { batchSize: 800, signals: ['acc'] } };
    expect(besideOf(ours, other)?.differing).toEqual(['batchSize', 'signals']);
  });

  it('beside - what we fix and they search picks their trials; what we search and they fix says where they lie', () => {
    const ours = {
      fixed: { batchSize: 800, optimizer: 'rmsprop' },
      space: { nhidden: int, lr: int },
      objectives,
    };
    const theirs = {
      fixed: { lr: 0.0025 },
      space: { nhidden: int, batchSize: int, optimizer: { kind: 'choice', values: ['rmsprop', 'adam'] } },
      objectives: { accuracy: 'maximize' },
    } as const;
    expect(besideOf(ours, theirs)).toMatchObject({
      fixed: { lr: 0.0025 },
      where: 'batchSize == 800 && optimizer == "rmsprop"',
    });
  });

  it('beside - nothing without a searched parameter and an objective in common', () => {
    const ours = { fixed: {}, space: { nhidden: int }, objectives };
    expect(besideOf(ours, { fixed: {}, space: { lr: int }, objectives })).toBeUndefined();
    expect(
      besideOf(ours, { fixed: {}, space: { nhidden: int }, objectives: { loss: 'minimize' } }),
    ).toBeUndefined();
  });
});
