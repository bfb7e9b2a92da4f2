import { expect, test } from 'vitest';
import { classificationMetrics } from '../../../src/worker/training/classification.js';

test('classification - weighted metrics equal those of scikit-learn', () => {
  // precision_recall_fscore_support(truth, guess, average='weighted') by hand: class 0 has precision 3/4, recall 3/5;
  // class 1 precision 4/6, recall 4/4; class 2 precision 0/0 (taken as 0), recall 0/1.
  const metrics = classificationMetrics([
    [3, 2, 0],
    [0, 4, 0],
    [1, 0, 0],
  ]);
  expect(metrics.accuracy).toBeCloseTo(7 / 10, 12);
  expect(metrics.precision).toBeCloseTo((5 * (3 / 4) + 4 * (4 / 6) + 0) / 10, 12);
  expect(metrics.recall).toBeCloseTo((5 * (3 / 5) + 4 * 1 + 0) / 10, 12);
  expect(metrics.f1).toBeCloseTo((5 * (6 / 9) + 4 * (8 / 10) + 0) / 10, 12);
});
