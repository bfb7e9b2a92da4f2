import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import { Changes } from '../../../src/coordinator/runner/changes.js';
import { Pruning } from '../../../src/coordinator/runner/pruning.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { PrunerDefinition } from '../../../src/sweep/sweep-definition.js';
import { sweepOver } from '../definitions.js';

const metric = { name: 'y', direction: 'maximize' } as const;
const definitions: readonly PrunerDefinition[] = [
  { type: 'median', metric, percentile: 50, startup: 3, warmup: 0 },
  { type: 'threshold', metric: 'y', lower: 0.3, warmup: 0 },
];

/** Three configurations with one completed trial each; trial 3 is a replicate of the last one, trial 4 another configuration. */
class Scene {
  readonly book = new TrialBook();
  readonly pruning: Pruning;

  constructor(definition: PrunerDefinition, isRestarted: boolean) {
    const pruner = createPruner(definition, compileSpace(sweepOver('{ x: [1, 2] }')));
    const trial = (number: number, configuration: number, replicate: number) => ({
      ...{ number, configuration, replicate, seed: number, parameters: {} },
    });
    this.book.add('s', [trial(0, 0, 0), trial(1, 1, 0), trial(2, 2, 0), trial(3, 2, 1), trial(4, 4, 0)], 0);
    const before = isRestarted ? undefined : new Pruning(pruner, this.book, 's');
    const changes = new Changes();
    for (const number of [0, 1, 2]) {
      const active = this.running(number);
      pruner.report(active.trial, 1, { y: 0.5 + 0.1 * number });
      this.book.finished(active, 'completed', 1);
      changes.ended.push(active.trial);
    }
    if (before) before.follow(1, () => undefined, changes);
    else for (const trial of changes.ended) pruner.ended(trial, []);
    this.pruning = before ?? new Pruning(pruner, this.book, 's');
  }

  running(number: number) {
    const active = this.book.active.get(number);
    if (!active) throw new Error(`trial ${number} has ended`);
    this.book.started(active, 1, 'w', 0);
    return active;
  }

  /** What becomes of a running trial that reports what is worse than all others. */
  worst(number: number): string | undefined {
    const active = this.running(number);
    this.pruning.report(active, 1, { y: 0.1 }, 2, new Changes());
    return active.stop?.then;
  }
}

describe('pruning of replicates', () => {
  it.each([false, true])(
    'median - what is worse than others is stopped, but not where its configuration has a completed trial; restarted: %s',
    (isRestarted) => {
      const [median] = definitions as [PrunerDefinition];
      expect(new Scene(median, isRestarted).worst(4)).toBe('prune');
      expect(new Scene(median, isRestarted).worst(3)).toBeUndefined();
    },
  );

  it('threshold - what is bad by itself is stopped, replicate or not', () => {
    const [, threshold] = definitions as [PrunerDefinition, PrunerDefinition];
    expect(new Scene(threshold, false).worst(4)).toBe('prune');
    expect(new Scene(threshold, false).worst(3)).toBe('prune');
  });
});
