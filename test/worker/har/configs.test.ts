import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readDefinition } from '../../../src/sweep/definition.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { harClasses } from '../../../src/worker/datasets/window-dataset.js';
import { architectureOf } from '../../../src/worker/trainables/har-architecture.js';
import { harParameters, type HarParameters } from '../../../src/sweep/har/parameters.js';
import { countParameters } from '../../../src/worker/training/weights.js';

const folder = fileURLToPath(new URL('../../../configs/', import.meta.url));

function read(file: string): SweepDefinition {
  const result = readDefinition(readFileSync(folder + file, 'utf8'), { baseDirectory: folder });
  if (!result.ok) throw new Error(`${file}: ${JSON.stringify(result.problems)}`);
  return result.definition;
}

/** The parameters of every configuration, as the trainable takes them. */
function configurations(definition: SweepDefinition): HarParameters[] {
  const space = compileSpace(definition);
  const found: HarParameters[] = [];
  for (let from = 0n; ;) {
    const point = space.nextGridPoint(from);
    if (!point) return found;
    const given = { ...definition.fixed, ...point.parameters };
    const { data, error } = harParameters.safeParse(given);
    if (error) throw new Error(`${definition.name} ${JSON.stringify(given)}: ${z.prettifyError(error)}`);
    found.push(data);
    from = point.index + 1n;
  }
}

/** Published sweeps and single results: configurations, replicates of each, and what they were selected on. */
const published: Record<string, [configurations: number, replicates: number]> = {
  'har-gru-nhidden.yaml': [25, 1],
  'har-gru-nhidden-bs2000.yaml': [25, 1],
  'har-gru-lr.yaml': [23, 1],
  'har-gru-lr-bs2000.yaml': [23, 1],
  'har-gru-batch.yaml': [18, 1],
  'har-lstm-stacked.yaml': [2, 3],
  'har-lstm-stream.yaml': [1, 3],
  'har-conv-lstm.yaml': [1, 3],
  'har-lstm-dropout.yaml': [4, 3],
  'har-lstm-dropout-two-layers.yaml': [2, 3],
};

describe('configs - published', () => {
  test.each(Object.entries(published))('%s', (file, [count, replicates]) => {
    const definition = read(file);
    expect(definition.name).toBe(file.replace('.yaml', ''));
    expect(definition.replicates).toBe(replicates);
    const all = configurations(definition);
    expect(all).toHaveLength(count);
    for (const { selectOn } of all) expect(selectOn).toBe('test');
  });

  test.each([
    ['har-conv-lstm.yaml', [244_998]],
    ['har-lstm-dropout.yaml', [19_334, 71_430]],
    ['har-lstm-dropout-two-layers.yaml', [91_462, 120_454]],
  ])('%s has the published numbers of parameters', (file, expected) => {
    const counts = configurations(read(file)).map((parameters) =>
      countParameters(architectureOf(parameters, { channels: 9, classes: harClasses }).weights),
    );
    expect([...new Set(counts)].sort((a, b) => a - b)).toEqual(expected);
  });
});

test('configs - every other one is right too', () => {
  const others = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !(file in published));
  expect(others).toContain('quickstart.yaml');
  for (const file of others) {
    const definition = read(file);
    const space = compileSpace(definition);
    if (definition.trainable.kind === 'builtin' && space.continuous.length === 0) configurations(definition);
  }
});
