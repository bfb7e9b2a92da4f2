/**
 * Tries one backend in a process of its own, for a driver that crashes must not take the worker along:
 * `node probe-process.js <backend> <kernels>`. Its last line is a `ProbeOutcome` as JSON.
 */
import { messageOf } from '../../../support/errors.js';
import { openBackend } from './open-backend.js';
import type { ProbeOutcome } from './probe.js';
import { trainingSpeed } from './speed.js';

const [backend = '', kernels = 'auto'] = process.argv.slice(2);

async function probe(): Promise<ProbeOutcome> {
  try {
    const { device } = await openBackend({ backend, kernels });
    return { works: true, device, samplesPerSecond: await trainingSpeed() };
  } catch (error) {
    return { works: false, reason: messageOf(error) };
  }
}

const outcome = await probe();
// Dawn keeps a process alive.
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit());
