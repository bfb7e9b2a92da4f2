import { describe, expect, it } from 'vitest';
import { PacedSampler } from '../../../src/coordinator/search/paced.js';
import type { Sampler } from '../../../src/coordinator/search/sampler.js';
import { createRandom } from '../../../src/sweep/random.js';
import { alwaysModelled } from '../../../src/sweep/samplers.js';
import type { Trial, TrialState } from '../../../src/sweep/trial.js';

function named(name: string): Sampler {
  return { suggest: () => [{ parameters: { by: name } }] };
}

function trial(number: number, state: TrialState, seconds: number): Trial {
  return {
    sweepId: 's',
    number,
    configuration: number,
    replicate: 0,
    seed: number,
    parameters: {},
    state,
    attempts: 1,
    metrics: {},
    createdAt: 0,
    startedAt: 1000,
    ...(state === 'running' ? {} : { finishedAt: 1000 + 1000 * seconds }),
  };
}

function chosen(trials: readonly Trial[], configurations = alwaysModelled): unknown {
  const sampler = new PacedSampler(named('thorough'), named('quick'));
  const history = { trials, configurations };
  return sampler.suggest(history, 1, createRandom(1))[0]?.parameters['by'];
}

describe('paced sampler - who proposes', () => {
  const lasting = (...seconds: number[]): Trial[] => seconds.map((s, i) => trial(i, 'completed', s));

  it('the thorough one as long as nothing is known', () => {
    expect(chosen([])).toBe('thorough');
    expect(chosen([trial(0, 'running', 0), trial(1, 'failed', 0.01)])).toBe('thorough');
  });

  it('the quick one while trials are short, judged by the median', () => {
    expect(chosen(lasting(0.01, 0.02, 60))).toBe('quick');
    expect(chosen(lasting(0.01, 2, 60))).toBe('thorough');
  });

  it('the thorough one for the first configurations, however short trials are', () => {
    expect(chosen(lasting(0.01, 0.01), alwaysModelled - 1)).toBe('thorough');
  });

  it('trials of long ago do not count', () => {
    expect(chosen(lasting(...Array<number>(50).fill(30), ...Array<number>(9).fill(0.1)))).toBe('quick');
    expect(chosen(lasting(...Array<number>(50).fill(0.1), ...Array<number>(9).fill(30)))).toBe('thorough');
  });
});
