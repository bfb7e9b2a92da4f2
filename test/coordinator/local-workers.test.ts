import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LocalWorkers } from '../../src/coordinator/local-workers.js';
import { temporaryDirectory } from '../support/nats.js';

describe('local workers', () => {
  it('local workers - one that dies just before all are to end is not started again', async () => {
    const directory = await temporaryDirectory();
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    // There is no built worker beside the sources: it ends at once, with an error.
    const workers = await LocalWorkers.start({
      workers: 1,
      slots: 1,
      joinString: 'sweepyard://127.0.0.1:1',
      pool: 'default',
      logFile: join(directory, 'worker.log'),
      say: () => undefined,
      onUseless: () => undefined,
    });
    onTestFinished(() => workers.kill());
    // Until it is dead; what it said last is being read.
    while (workers.pids.length > 0) await setImmediate();
    await workers.stop();
    // Longer than the first pause.
    await setTimeout(1_500);
    expect(workers.pids).toEqual([]);
  }, 60_000);
});
