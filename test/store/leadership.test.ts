import { describe, expect, it } from 'vitest';
import { shownReason, shownState } from '../../src/store/leadership.js';

const sweep = { state: 'running', createdAt: 0, leader: { holder: 'here:1', seenAt: 100_000 } } as const;

describe('leadership', () => {
  it('a running sweep - is interrupted when its leader has been silent for long, or is known to be dead', () => {
    expect(shownState(sweep, 119_000)).toBe('running');
    expect(shownState(sweep, 121_000)).toBe('interrupted');
    expect(shownState(sweep, 101_000, (holder) => holder === 'here:1')).toBe('interrupted');
    expect(shownState(sweep, 101_000, (holder) => holder === 'here:2')).toBe('running');
  });

  it('a running sweep - that nobody ever led is interrupted once it should have been', () => {
    expect(shownState({ state: 'running', createdAt: 5_000 }, 6_000)).toBe('running');
    expect(shownState({ state: 'running', createdAt: 5_000 }, 60_000)).toBe('interrupted');
  });

  it('a running sweep - is paused where it was, with the reason, as long as somebody leads it', () => {
    const paused = { ...sweep, reason: 'goes on', amendments: { paused: { reason: 'paused by ada' } } };
    expect(shownState(paused, 101_000)).toBe('paused');
    expect(shownReason(paused, 'paused')).toBe('paused by ada');
    expect(shownState(paused, 200_000)).toBe('interrupted');
    expect(shownReason(paused, 'running')).toBe('goes on');
    expect(shownState({ ...paused, state: 'completed' }, 101_000)).toBe('completed');
  });

  it('a sweep that was ended - stays what it is', () => {
    expect(shownState({ ...sweep, state: 'completed' }, 1e9, () => true)).toBe('completed');
    expect(shownState({ ...sweep, state: 'stopped' }, 1e9, () => true)).toBe('stopped');
  });
});
