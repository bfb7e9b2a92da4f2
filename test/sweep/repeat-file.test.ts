import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../src/sweep/definition.js';
import { repeatFile } from '../../src/sweep/repeat-file.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';

function read(text: string): SweepDefinition {
  const result = readDefinition(text, { baseDirectory: '/sweeps' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.definition;
}

const space = 'space: { lr: { float: [0.001, 0.1] }, kind: [a, "b: c"], warmup: { value: "lr / 10" } }';

describe('repeat file', () => {
  it.each(['"./my # objective.ts"', '{ command: [python3, train.py, --lr, "{lr}"] }'])(
    'repeat file - is a sweep of this configuration alone: %s',
    (trainable) => {
      const name = 'n'.repeat(64);
      const definition = read(
        `name: ${name}\ntrainable: ${trainable}\nfixed: { passes: 3, signals: [x, y] }\n${space}\n` +
          'objectives: { loss: minimize }\nsearch: { trials: 9, seed: 7 }\n',
      );
      const parameters = { lr: 0.0025, kind: 'b: c', warmup: 0.00025 };
      const again = read(repeatFile(definition, { parameters, configuration: 12 }));
      expect(again).toMatchObject({
        name: `${name.slice(0, 55)}-again-12`,
        trainable: definition.trainable,
        fixed: { passes: 3, signals: ['x', 'y'], warmup: 0.00025 },
        space: { lr: { kind: 'choice', values: [0.0025] }, kind: { kind: 'choice', values: ['b: c'] } },
        objectives: definition.objectives,
        search: { sampler: 'grid', seed: 7 },
        replicates: 3,
      });
    },
  );
});
