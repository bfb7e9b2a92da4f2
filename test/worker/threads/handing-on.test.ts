import { describe, expect, it } from 'vitest';
import { HandingOn } from '../../../src/worker/threads/handing-on.js';

describe('handing on', () => {
  it('handing on - is due from its step on, and over when that is saved', () => {
    const trial = new HandingOn(10);
    expect(trial.reported(9, true)).toBeUndefined();
    trial.saved(9);
    expect([trial.isDue, trial.isOver]).toEqual([false, false]);
    expect(trial.reported(10, true)).toBeUndefined();
    expect([trial.isDue, trial.isOver]).toEqual([true, false]);
    trial.saved(10);
    expect([trial.isDue, trial.isOver]).toEqual([false, true]);
    expect(trial.ended()).toBeUndefined();
  });

  it('handing on - a step may be passed over, and saved before it is reported', () => {
    const trial = new HandingOn(10);
    trial.saved(12);
    expect(trial.isOver).toBe(false);
    expect(trial.reported(12, false)).toBeUndefined();
    expect(trial.isOver).toBe(true);
  });

  it('handing on - who reports on and never asks nor saves is told so, others may be late', () => {
    const silent = new HandingOn(10);
    expect(silent.reported(10, false)).toBeUndefined();
    expect(silent.reported(10, false)).toBeUndefined();
    expect(silent.reported(11, false)).toContain('it saves no checkpoints');
    const asking = new HandingOn(10);
    for (const step of [10, 11, 12]) expect(asking.reported(step, true)).toBeUndefined();
    const saving = new HandingOn(10);
    saving.saving();
    for (const step of [10, 11, 12]) expect(saving.reported(step, false)).toBeUndefined();
  });

  it('handing on - an end before the step is no mistake, one after it without a checkpoint is', () => {
    const early = new HandingOn(10);
    early.reported(8, true);
    expect(early.ended()).toBeUndefined();
    const late = new HandingOn(10);
    late.reported(11, true);
    expect(late.ended()).toMatch(/^its training ended at step 11 without a checkpoint/);
  });
});
