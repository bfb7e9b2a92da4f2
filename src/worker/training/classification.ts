/** How often each true class (row) was taken for each class (column). */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Shares in [0, 1]. Precision, recall and F1 are means over the classes, weighted by how many windows each has. */
export interface ClassificationMetrics {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Share of windows that were taken for what they are. */
export function accuracyOf(matrix: ConfusionMatrix): number {
  let total = 0;
  let correct = 0;
  matrix.forEach((row, label) => {
    for (const count of row) total += count;
    correct += row[label]!;
  });
  return correct / total;
}

export function emptyConfusionMatrix(classes: number): number[][] {
  return Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
}

/**
 * A class that was never predicted has precision 0 and F1 0, as in scikit-learn with its default
 * (`average='weighted'`, `zero_division=0`).
 */
export function classificationMetrics(matrix: ConfusionMatrix): ClassificationMetrics {
  let total = 0;
  let correct = 0;
  const weighted = { precision: 0, recall: 0, f1: 0 };
  matrix.forEach((row, label) => {
    const actual = row.reduce((sum, count) => sum + count, 0);
    const predicted = matrix.reduce((sum, other) => sum + other[label]!, 0);
    const hits = row[label]!;
    total += actual;
    correct += hits;
    weighted.precision += predicted > 0 ? actual * (hits / predicted) : 0;
    weighted.recall += hits;
    weighted.f1 += hits > 0 ? (actual * 2 * hits) / (actual + predicted) : 0;
  });
  return {
    accuracy: correct / total,
    precision: weighted.precision / total,
    recall: weighted.recall / total,
    f1: weighted.f1 / total,
  };
}
