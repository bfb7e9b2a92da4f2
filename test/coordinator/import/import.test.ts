import { describe, expect, it } from 'vitest';
import { parseObjectives } from '../../../src/coordinator/import/objectives-flag.js';
import { placeResults } from '../../../src/coordinator/import/place-results.js';
import {
  prepareResults,
  type PreparedResults,
  type PrepareOptions,
} from '../../../src/coordinator/import/prepare-results.js';
import { readRows } from '../../../src/coordinator/import/rows.js';
import { readDefinition } from '../../../src/sweep/definition.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';

/** What is stored of a text. */
function prepare(text: string, options: Partial<PrepareOptions> = {}): PreparedResults {
  const [group] = readRows(text, 'a.csv');
  if (!group) throw new Error('no group');
  return prepareResults(group, { file: 'a.csv', fileName: 'a', skipBad: false, ...options });
}

function trialsOf({ definition, rows }: PreparedResults) {
  const { trials, results } = placeResults(definition, rows, 0);
  return trials.map((trial, i) => ({ ...trial, ...results[i] }));
}

function sweep(space: string, fixed = '{}'): SweepDefinition {
  const text = `name: s\ntrainable: ./t.ts\nfixed: ${fixed}\nspace: ${space}\nobjectives: { loss: minimize }\nsearch: { trials: 9 }\n`;
  const result = readDefinition(text, { baseDirectory: '/' });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join());
  return result.definition;
}

describe('import - states', () => {
  it('those of other tools are ours; what has not ended is left out and counted', () => {
    const prepared = prepare(
      'x,loss,state\n1,3,COMPLETE\n2,4,Finished\n3,5,PRUNED\n4,,FAIL\n5,0.1,running\n6,0.1,WAITING\n7,0.1,running\n',
    );
    expect(trialsOf(prepared).map(({ state }) => state)).toEqual([
      'completed',
      'completed',
      'pruned',
      'failed',
    ]);
    expect(prepared.remarks).toEqual(['3 rows that have not ended are left out: 2 running, 1 WAITING']);
    expect(prepare('x,loss,state\n1,2,\n2,3,paused\n').remarks).toEqual([
      '1 row that has not ended is left out: 1 paused',
    ]);
  });

  it('others are refused by line and name, and so is a file in which nothing has ended', () => {
    expect(() => prepare('x,loss,state\n1,2,completed\n2,3,odd\n')).toThrow(
      /line 3: has the state "odd"; there are queued, running, .*completed.*fail/,
    );
    expect(() => prepare('x,loss,state\n1,2,running\n')).toThrow('no result that ended');
  });
});

describe('import - metrics and parameters', () => {
  it('with objectives given, other names that look like metrics stay metrics', () => {
    const prepared = prepare(
      'lr,seed,accuracy,loss,time\n0.1,1,0.90,0.31,10\n0.1,2,0.92,0.29,11\n0.2,1,0.80,0.51,10\n',
      { objectives: { accuracy: 'maximize' } },
    );
    expect(Object.keys(prepared.definition.space)).toEqual(['lr']);
    expect(trialsOf(prepared).map(({ configuration, replicate }) => [configuration, replicate])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it.each([
    ['a missing cell', '', 'line 4: has no loss, which is an objective'],
    ['a text', 'abc', 'line 4: loss is "abc", but an objective must be a number'],
    ...['inf', '-inf', 'nan', 'NaN', 'Infinity', '-Infinity'].map((text) => [
      text,
      text,
      `line 4: loss is ${text}, which is no finite number`,
    ]),
  ])('a metric that is %s is named by row and column, or left out', (_, cell, message) => {
    const text = `lr,loss\n0.1,0.5\n0.2,0.4\n0.9,${cell}\n`;
    expect(() => prepare(text)).toThrow(message);
    const prepared = prepare(text, { skipBad: true });
    expect(prepared.skipped).toEqual([message]);
    expect(prepared.rows.map(({ metrics }) => metrics)).toEqual([{ loss: 0.5 }, { loss: 0.4 }]);
    expect(prepared.definition.space).toEqual({ lr: { kind: 'ordinal', values: [0.1, 0.2] } });
  });

  it('a trial that failed may have no finite metric', () => {
    const [, failed] = trialsOf(prepare('x,loss,state\n1,2,completed\n2,nan,failed\n'));
    expect(failed).toMatchObject({ state: 'failed', failure: { message: 'loss is nan: no finite number' } });
  });

  it('parameters that are no numbers, or not the ones written, are refused', () => {
    expect(() => prepare('x,loss\nInfinity,2\nnan,3\n-inf,1\n1,4\n')).toThrow(
      /line 2: "x" is Infinity, .*finite.*\n.*line 3: "x" is nan.*\n.*line 4: "x" is -inf/,
    );
    expect(() => prepare('x,loss\n9007199254740993,2\n1,4\n')).toThrow(
      'line 2: "x" is 9007199254740993, which would be read as 9007199254740992',
    );
  });

  it('a name means one thing', () => {
    const both = '[{"parameters": {"loss": 1}, "metrics": {"loss": 5}}]';
    expect(() => prepare(both)).toThrow('row 1: "loss" is a parameter and a metric');
    expect(() => prepare('x,memory,memoryBytes,loss\n1,5,7,3\n')).toThrow(
      'line 2: "memory" and "memoryBytes" are the same metric',
    );
    expect(() => prepare('x,x,loss\n1,2,3\n')).toThrow('column 2 is "x" again, as column 1 is');
    expect(() => prepare('x,,loss\n1,2,3\n')).toThrow('column 2 has no name');
    expect(() => prepare('[{"": 1, "loss": 2}]')).toThrow('row 1 has a value whose name is empty');
    expect(() => parseObjectives('loss=minimize,loss=maximize')).toThrow('"loss" is there twice');
    expect(parseObjectives('a=maximize, b = minimize')).toEqual({ a: 'maximize', b: 'minimize' });
    expect(() => parseObjectives('a')).toThrow('"a" must be name=maximize or name=minimize');
  });

  it('an objective that no result has is told once', () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${i}`).join('\n');
    const given = { objectives: { acuracy: 'maximize' } } as const;
    expect(() => prepare(`x,accuracy\n${rows}\n`, given)).toThrow(
      /^no result has "acuracy", which is an objective \(did you mean "accuracy"\?\); their metrics are accuracy$/,
    );
  });

  it('names of sweeps are those that commands can take', () => {
    expect(prepare('x,loss\n1,2\n', { fileName: '-a b' }).definition.name).toBe('a-b');
    expect(() => prepare('x,loss\n1,2\n', { fileName: '7' })).toThrow('--name: "7" must have a letter');
  });
});

describe('import - files', () => {
  it('our own CSV with failed trials, and texts that look like numbers', () => {
    const text = [
      'number,state,configuration,replicate,seed,failureClass,parameters.k,parameters.x,metrics.loss',
      '0,completed,0,0,5,,1,true,0.5',
      '1,failed,1,0,6,trial,2,false,',
      '2,completed,2,0,7,,inf,true,0.3',
    ].join('\n');
    const given = sweep("{ k: ['1', '2', inf], x: ['true', 'false'] }");
    expect(trialsOf(prepare(text, { given })).map(({ parameters, state }) => [parameters, state])).toEqual([
      [{ k: '1', x: 'true' }, 'completed'],
      [{ k: '2', x: 'false' }, 'failed'],
      [{ k: 'inf', x: 'true' }, 'completed'],
    ]);
    const inferred = prepare(text.replace('inf', '3'));
    expect(Object.keys(inferred.definition.space)).toEqual(['k', 'x']);
    expect(trialsOf(inferred)[1]).toMatchObject({ parameters: { k: 2, x: false }, state: 'failed' });
    const version = sweep('{ x: [1, 2] }', "{ version: '2' }");
    expect(trialsOf(prepare('version,x,loss\n2,1,3\n', { given: version }))).toHaveLength(1);
  });

  it('JSON lines: one, or cut off in the last', () => {
    expect(prepare('{"x": 1, "loss": 2}\n').rows).toHaveLength(1);
    expect(() => prepare('{"x": 1, "loss": 2}\n{"x": 2, "loss": 3\n')).toThrow('a.csv: line 2 is no JSON');
    expect(() => prepare('{"x": 1, "loss": 2}\n[3]\n')).toThrow('line 2 must be an object, not [3]');
    expect(() => prepare('[{"x": 1, "loss": 2}, {"x": 2, "loss": NaN}]')).toThrow('row 2: loss is NaN');
  });

  it('CSV between semicolons or tabs; numbers have a point', () => {
    for (const separator of [';', '\t'])
      expect(
        prepare(['"a,b"', 'x', 'loss\n1', '2', '3\n4', '5', '6'].join(separator)).rows.map(
          ({ parameters, metrics }) => [parameters, metrics],
        ),
      ).toEqual([
        [{ 'a,b': 1, x: 2 }, { loss: 3 }],
        [{ 'a,b': 4, x: 5 }, { loss: 6 }],
      ]);
    expect(() => prepare('x;loss\n1;0,5\n')).toThrow('line 2: "loss" is 0,5; numbers have a point: 0.5');
  });

  it('a first column without a name is left out, and said so', () => {
    const prepared = prepare(',x,loss\n0,1,2\n1,1,3\n2,2,4\n');
    expect(prepared.remarks).toEqual([expect.stringMatching(/^the first column has no name/)]);
    expect(Object.keys(prepared.definition.space)).toEqual(['x']);
    expect(trialsOf(prepared).map(({ configuration }) => configuration)).toEqual([0, 0, 1]);
  });
});
