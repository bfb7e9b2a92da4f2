import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatProblems, readDefinition } from '../../src/sweep/definition.js';
import { sweepJsonSchema } from '../../src/sweep/definition/json-schema.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';
import { compileSpace } from '../../src/sweep/space.js';

const wholeLanguage = `
name: har-gru
trainable: har
fixed: { dataset: uci-har, signals: [total_acc], alignment: gravity, passes: 200 }
space:
  warmup: { value: 'lr / 10' }
  architecture: [gru-two-stage, lstm-stacked]
  nhidden: { int: [1, 25] }
  lr: { float: [5e-4, 5e-3], log: true }
  batchSize: { int: [400, 3800], step: 200 }
  layers: { ordinal: [1, 2, 4] }
  dropout: { float: [0, 0.5], when: 'architecture == "lstm-stacked"' }
constraints: ['nhidden * batchSize <= passes * 200']
objectives: { accuracy: maximize, memory: minimize, time: minimize }
limits: ['memory <= 16384', 'latency < 0.1']
search: { sampler: auto, trials: 66, seed: 7, startWith: [{ nhidden: 16, lr: 0.0025 }] }
replicates: 3
budget: { time: 2h, gpuHours: 10, cost: 25, pricePerGpuHour: 2.2, until: 'accuracy >= 0.92' }
trial: { timeout: 30m, memoryLimit: 4GB, retries: 0 }
workers: { pool: gpu, concurrency: 16, pack: off }
`;

function read(text: string): SweepDefinition {
  const result = readDefinition(text, { baseDirectory: '/sweeps' });
  if (!result.ok) throw new Error(formatProblems(result.problems, text, 'sweep.yaml'));
  return result.definition;
}

describe('definition - what is read', () => {
  it('everything that can be said', () => {
    expect(read(wholeLanguage)).toEqual({
      name: 'har-gru',
      trainable: { kind: 'builtin', name: 'har' },
      fixed: { dataset: 'uci-har', signals: ['total_acc'], alignment: 'gravity', passes: 200 },
      space: {
        architecture: { kind: 'choice', values: ['gru-two-stage', 'lstm-stacked'] },
        lr: { kind: 'float', low: 5e-4, high: 5e-3, log: true },
        warmup: { kind: 'derived', value: 'lr / 10' },
        nhidden: { kind: 'int', low: 1, high: 25, step: 1, log: false },
        batchSize: { kind: 'int', low: 400, high: 3800, step: 200, log: false },
        layers: { kind: 'ordinal', values: [1, 2, 4] },
        dropout: { kind: 'float', low: 0, high: 0.5, log: false, when: 'architecture == "lstm-stacked"' },
      },
      constraints: ['nhidden * batchSize <= passes * 200'],
      objectives: { accuracy: 'maximize', memory: 'minimize', time: 'minimize' },
      limits: ['memory <= 16384', 'latency < 0.1'],
      search: { sampler: 'auto', trials: 66, seed: 7, startWith: [{ nhidden: 16, lr: 0.0025 }] },
      replicates: 3,
      budget: { time: 7200, gpuHours: 10, cost: 25, pricePerGpuHour: 2.2, until: 'accuracy >= 0.92' },
      trial: { timeout: 1800, memoryLimit: 4e9, retries: 0 },
      workers: { pool: 'gpu', concurrency: 16, pack: 'off' },
    });
  });

  it('parameters come after those that their expressions name, in the order of the file otherwise', () => {
    const { space } = read(wholeLanguage);
    expect(Object.keys(space)).toEqual([
      'lr',
      'warmup',
      'architecture',
      'nhidden',
      'batchSize',
      'layers',
      'dropout',
    ]);
    expect(compileSpace(read(wholeLanguage)).searched).toHaveLength(6);
  });

  it('four keys are enough', () => {
    const text = 'name: s\ntrainable: ./train.ts\nspace: { x: [1, 2] }\nobjectives: { loss: minimize }\n';
    expect(read(text)).toEqual({
      name: 's',
      trainable: { kind: 'module', path: '/sweeps/train.ts' },
      fixed: {},
      space: { x: { kind: 'choice', values: [1, 2] } },
      constraints: [],
      objectives: { loss: 'minimize' },
      limits: [],
      search: { sampler: 'auto', seed: 1, startWith: [] },
      replicates: 1,
      budget: {},
      trial: { retries: 2 },
      workers: { pool: 'default', pack: 'auto' },
    });
  });

  it.each<[string, object]>([
    ['../lib/train.js', { kind: 'module', path: '/lib/train.js' }],
    ['/abs/train.mjs', { kind: 'module', path: '/abs/train.mjs' }],
    ['train.ts', { kind: 'module', path: '/sweeps/train.ts' }],
    [
      '{ command: [python3, train.py, "{x}", "{{}"] }',
      { kind: 'command', command: ['python3', 'train.py', '{x}', '{{}'] },
    ],
  ])('trainable: %s', (trainable, expected) => {
    const text = `name: s\ntrainable: ${trainable}\nspace: { x: [1, 2] }\nobjectives: { loss: minimize }\n`;
    expect(read(text).trainable).toEqual(expected);
  });

  it("arguments of a program may have the trial's seed and number, and braces that stand for themselves", () => {
    const argument = '{x} {seed} {trial} {{name}} {"a": 1}';
    const text = `name: s\ntrainable: { command: [train, '${argument}'] }\nspace: { x: [1, 2] }\nobjectives: { y: minimize }`;
    expect(read(text).trainable).toEqual({ kind: 'command', command: ['train', argument] });
  });

  it('survives JSON, and Windows line ends change nothing', () => {
    const definition = read(wholeLanguage);
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
    expect(read(wholeLanguage.replaceAll('\n', '\r\n'))).toEqual(definition);
    expect(read(`\uFEFF${wholeLanguage}`)).toEqual(definition);
  });

  it('metrics that the file does not name may stand in limits where they are not near a known name', () => {
    const text = (limit: string): string =>
      `name: s\ntrainable: { command: [train] }\nspace: { x: [1, 2] }\nobjectives: { top1Accuracy: maximize }\nlimits: ['${limit} > 0.5']\n`;
    expect(read(text('f1')).limits).toHaveLength(1);
    expect(read(text('top5Accuracy')).limits).toHaveLength(1);
    expect(() => read(text('top1Acuracy'))).toThrow('did you mean "top1Accuracy"?');
  });

  it('anchors name sections and lists too, and << takes over what a section has', () => {
    const { space } = read(
      [
        'name: s',
        'trainable: { command: [train] }',
        'space:',
        '  x: &range { int: [1, 9] }',
        '  y: *range',
        '  z: { <<: *range, step: 2 }',
        '  a: &list [1, 2]',
        '  b: { <<: [*range, { step: 4 }], log: false }',
        'objectives: { loss: minimize }',
        'search: { trials: 9 }',
      ].join('\n'),
    );
    expect(space['y']).toEqual(space['x']);
    expect(space['z']).toEqual({ ...space['x'], step: 2 });
    expect(space['b']).toEqual({ ...space['x'], step: 4 });
  });

  it('aliases of sections that repeat too much are refused soon, merged ones too', () => {
    const merges = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} { <<: [*a${i}, *a${i}] }`);
    const started = performance.now();
    const result = readDefinition(['a0: &a0 { x: 1 }', ...merges].join('\n'), { baseDirectory: '/' });
    expect(result).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringMatching(/repeat too much/) as string }],
    });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('a file that is too long is refused at once', () => {
    const result = readDefinition('#'.repeat(2_000_000), { baseDirectory: '/' });
    expect(result).toMatchObject({ ok: false, problems: [{ line: 1, column: 1 }] });
  });

  it('problems are shown with their lines and a mark', () => {
    const text =
      'name: s\ntrainable: { command: [train] }\nspace:\n\n  x: { int: [5, 1] }\nobjectives: { loss: minimize }\n';
    const result = readDefinition(text, { baseDirectory: '/' });
    expect(result.ok ? '' : formatProblems(result.problems, text, 'a.yaml')).toBe(
      [
        'a.yaml:5:13 space.x.int: low 5 must be below high 1',
        '  5 |   x: { int: [5, 1] }',
        '    |             ^^^^^^',
        '',
        '1 problem in a.yaml',
      ].join('\n'),
    );
  });
});

describe('definition - JSON schema for editors', () => {
  const file = new URL('../../configs/sweep.schema.json', import.meta.url);

  it('the committed file is the present schema (else: npm run schema)', async () => {
    const text = await format(JSON.stringify(sweepJsonSchema()), {
      ...(await resolveConfig(file)),
      parser: 'json',
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('accepts what is read and refuses what is not', () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')) as z.core.JSONSchema.JSONSchema);
    const minimal = { name: 's', trainable: 'har', space: { x: [1] }, objectives: { loss: 'minimize' } };
    expect(schema.safeParse(minimal).success).toBe(true);
    expect(schema.safeParse({ ...minimal, more: 1 }).success).toBe(false);
    expect(schema.safeParse({ ...minimal, space: { x: { itn: [1, 2] } } }).success).toBe(false);
  });
});

describe('definition - the sweeps that come with it', () => {
  const folder = new URL('../../configs/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  it.each(files)('configs/%s is read without problems', (name) => {
    expect(read(readFileSync(new URL(name, folder), 'utf8')).name).toMatch(/./);
  });
});

describe('definition - any text', () => {
  const brokenFolder = new URL('./broken/', import.meta.url);
  const seeds = [
    wholeLanguage,
    ...readdirSync(brokenFolder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(new URL(name, brokenFolder), 'utf8')),
  ];
  const scraps = [
    '{',
    '}',
    '[',
    ']',
    ':',
    '-',
    ' ',
    '\n',
    '\t',
    '"',
    "'",
    '#',
    '&a',
    '*a',
    '!!',
    '|',
    '>',
    '?',
    ',',
  ].concat([
    '0',
    '-1',
    '1e999',
    '.nan',
    'null',
    'true',
    'int',
    'float',
    'when',
    '__proto__',
    'constructor',
    '\u0000',
    '😀',
    '%',
  ]);
  const mutation = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 12 }),
    insert: fc.constantFrom('', ...scraps),
  });
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([text, mutations]) =>
      mutations.reduce((mutant, { at, remove, insert }) => {
        const start = at % (mutant.length + 1);
        return mutant.slice(0, start) + insert + mutant.slice(start + remove);
      }, text),
    );

  it('10,000 mutations are read or refused with places inside the text, and never throw', () => {
    let refused = 0;
    fc.assert(
      fc.property(mutated, (text) => {
        const result = readDefinition(text, { baseDirectory: '/' });
        if (result.ok) return;
        refused++;
        const lines = text.split(/\r\n|\r|\n/);
        expect(result.problems.length).toBeGreaterThan(0);
        for (const { line, column, message } of result.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          // `[objectives` may well stand in a mutant.
          expect(message).not.toMatch(/undefined|\[object Object\]|Invalid/);
        }
        expect(formatProblems(result.problems, text, 'f')).toMatch(/problem/);
      }),
      { numRuns: 10_000 },
    );
    expect(refused).toBeGreaterThan(5000);
  }, 120_000);

  it('deep nesting and endless lists of aliases end soon', () => {
    const started = performance.now();
    for (const text of [
      '['.repeat(200_000),
      `${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`,
      `${'- '.repeat(50_000)}x`,
      `a: &a 1\nb: [${'*a, '.repeat(100_000)}]`,
      `fixed: ${'['.repeat(3000)}${']'.repeat(3000)}`,
      `x: ${'"'.repeat(100_001)}`,
      Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'),
    ]) {
      expect(readDefinition(text, { baseDirectory: '/' }).ok).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 60_000);
});
