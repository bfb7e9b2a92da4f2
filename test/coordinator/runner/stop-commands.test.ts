import { describe, expect, it } from 'vitest';
import { StopCommands } from '../../../src/coordinator/runner/stop-commands.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import type { CoordinatorBus } from '../../../src/messaging/bus.js';

describe('stop commands', () => {
  it('stop commands - one that was lost with the connection is said again, until the trial has stopped', async () => {
    const book = new TrialBook();
    const trial = { number: 0, configuration: 0, replicate: 0, seed: 1, parameters: {} };
    const [active] = book.add('s', [trial], 0);
    if (!active) throw new Error('no trial');
    book.started(active, 1, 'w', 0);
    let [now, said] = [0, 0];
    const sendCommand = (): Promise<never> => {
      said++;
      return Promise.reject(new Error('disconnected'));
    };
    const bus = { sendCommand } as Partial<CoordinatorBus> as CoordinatorBus;
    const stops = new StopCommands(
      bus,
      's',
      () => true,
      () => now,
    );
    active.stop = { then: 'cancel', reason: 'cancelled by ann' };
    stops.send(active);
    stops.remind(book);
    expect(said).toBe(1);
    now = 6_000;
    stops.remind(book);
    stops.remind(book);
    expect(said).toBe(2);
    now = 12_000;
    stops.remind(book);
    expect(said).toBe(3);
    book.finished(active, 'cancelled', 0);
    now = 18_000;
    stops.remind(book);
    expect(said).toBe(3);
    await Promise.resolve();
  });
});
