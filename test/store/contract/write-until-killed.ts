// A process of its own that writes to a sweep until it is killed, and says on standard output what is stored.
import type { StoreOptions } from '../../../src/store/open-store.js';
import { openStore } from '../../../src/store/open-store.js';
import { begin, newTrials, report } from './harness.js';

const [options, sweepId] = JSON.parse(process.argv[2] ?? '') as [StoreOptions, string];
const store = await openStore(options);
const group = 5;
for (let first = 0; ; first += group) {
  const numbers = Array.from({ length: group }, (_, index) => first + index);
  await store.addTrials(sweepId, newTrials(group, first));
  await store.record({
    sweepId,
    started: numbers.map((number) => begin(number)),
    reports: numbers.map((number) => report(number, 1, { accuracy: number })),
    results: numbers.map((number) => ({
      number,
      attempt: 1,
      state: 'completed',
      metrics: {},
      finishedAt: 9,
    })),
  });
  process.stdout.write(`${first + group}\n`);
}
