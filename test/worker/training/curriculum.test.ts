import { expect, test } from 'vitest';
import { gruTwoStage } from '../../../src/worker/training/architectures/gru-two-stage.js';
import har from '../../../src/worker/trainables/har.js';
import { member, trainingContext } from '../har/training-context.js';

const passes = 4;

test('curriculum - the two-stage GRU trains the easier head, then both, then the normal one', () => {
  const network = gruTwoStage({ inputs: 3, units: 2, passes });
  const heads = Array.from({ length: 3 * passes }, (_, pass) => network.headsOfPass(pass));
  expect(heads).toEqual([
    ...new Array<number[]>(passes).fill([0]),
    ...new Array<number[]>(passes).fill([0, 1]),
    ...new Array<number[]>(passes).fill([1]),
  ]);
});

test('curriculum - the easier head learns merged labels, always or in stage 1 alone', () => {
  for (const mergedLabels of ['always', 'stage-1'] as const) {
    const [easier, normal] = gruTwoStage({ inputs: 3, units: 2, passes, mergedLabels }).heads;
    const merged = [0, 1, 1, 3, 3, 5];
    const all = [0, 1, 2, 3, 4, 5];
    expect(easier!.relabel).toEqual(merged);
    expect(easier!.relabelOfPass!(passes - 1)).toEqual(merged);
    expect(easier!.relabelOfPass!(passes)).toEqual(mergedLabels === 'always' ? merged : all);
    expect(normal!.relabel).toEqual(all);
  }
});

test('curriculum - a trial trains on the labels of its pass', async () => {
  const parameters = { dataset: 'synthetic-har', nhidden: 4, lr: 0.01, batchSize: 200, passes: 2 };
  const members = ['always', 'stage-1'].map((mergedLabels, number) =>
    member(number, 1, { ...parameters, mergedLabels }),
  );
  for (const one of members) await har.train({ members: [one] }, trainingContext());
  const [always, stageOne] = members.map(({ outcome }) =>
    outcome.reports.map(({ metrics }) => metrics['loss']),
  );
  expect(stageOne!.slice(0, 2)).toEqual(always!.slice(0, 2));
  expect(stageOne![2]).not.toEqual(always![2]);
});
