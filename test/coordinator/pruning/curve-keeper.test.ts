import { describe, expect, it } from 'vitest';
import { CurveKeeper } from '../../../src/coordinator/pruning/curve-keeper.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { sweepOver } from '../definitions.js';

const space = compileSpace(sweepOver('{ x: { float: [0, 1] } }', 'search: { trials: 10 }'));
const trial = { number: 0, configuration: 0, parameters: { x: 0.5 } };

function keeper(): CurveKeeper {
  return new CurveKeeper(space, { name: 'y', direction: 'minimize' }, { min: 3, max: 30, reduction: 3 });
}

/** What the trial came to at each rung that it got to, where it reports `y = cost(step)` at these steps. */
function seen(curves: CurveKeeper, steps: readonly number[], cost: (step: number) => number): number[] {
  return steps.flatMap((step) => {
    const rung = curves.take(trial, step, { y: cost(step) });
    return rung === undefined ? [] : [curves.lastCost(0) ?? NaN];
  });
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('curve keeper', () => {
  it('curve keeper - a rung is the mean of what was reported on the last third of the way to it', () => {
    // Rungs 3, 9, 27 and the end, of which only the last fifth counts: 2-3, 6-9, 18-27, 28-30 (24-27 are used up).
    expect(seen(keeper(), upTo(30), (step) => step)).toEqual([2.5, 7.5, 22.5, 29]);
  });

  it('curve keeper - who reports at rungs alone, or beyond them, is judged by that report', () => {
    expect(seen(keeper(), [3, 9, 27, 30], (step) => step)).toEqual([3, 9, 27, 30]);
    expect(seen(keeper(), [5, 20, 30], (step) => step)).toEqual([5, 20, 30]);
  });

  it('curve keeper - what a later attempt reports again does not count twice', () => {
    const curves = keeper();
    seen(curves, upTo(8), (step) => step);
    // It goes on from step 4.
    expect(seen(curves, [5, 6, 7, 8, 9], (step) => (step < 9 ? 100 : step))).toEqual([7.5]);
  });

  it('curve keeper - a result before the last rung is an end, by its own value where the steps before are far from it', () => {
    const curves = keeper();
    seen(curves, upTo(12), (step) => step);
    curves.complete(trial, { y: -1 });
    expect(curves.reached.get(0)).toBe(3);
    expect(curves.lastCost(0)).toBe(-1);
  });
});
