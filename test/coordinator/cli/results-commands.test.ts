import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../src/store/open-store.js';
import { storeSweep } from './stored-sweeps.js';
import { coordinator, type Said } from './user.js';

const published = join(
  process.env['SWEEPYARD_TEST_DATA'] ?? '../shared/data',
  '../reference/gru-sweeps.json',
);

// Each command is a process of its own, and some tests start ten.
vi.setConfig({ testTimeout: 120_000 });

let directory: string;
const run = (...args: string[]): Promise<Said> =>
  coordinator([...args, '--dir', join(directory, 'data')], directory);
const json = async (...args: string[]): Promise<Record<string, unknown>[]> => {
  const { code, output, errors } = await run(...args, '--format', 'json');
  expect(errors).toBe('');
  expect(code).toBe(0);
  return JSON.parse(output) as Record<string, unknown>[];
};

/** 24 configurations of two seeds, as a program would have logged them. */
const rows = Array.from({ length: 48 }, (_, i) => {
  const [size, optimizer, replicate] = [1 + (i % 12), i % 24 < 12 ? 'adam' : 'sgd', Math.floor(i / 24)];
  const noise = (((i * 7919) % 11) - 5) / 500;
  const accuracy = 0.9 - 0.01 * (size - 8) ** 2 * 0.2 - (optimizer === 'sgd' ? 0.1 : 0) + noise;
  return {
    size,
    optimizer,
    lr: 0.01,
    accuracy,
    memoryBytes: 100 * size,
    seconds: 60 + size,
    seed: 1000 + replicate,
  };
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sweepyard-results-'));
  const log = rows.map((row, i) => `epoch ${i} done\nRESULT ${JSON.stringify(row)}`).join('\n');
  await writeFile(join(directory, 'train.log'), log);
  expect(await run('import', 'train.log', '--name', 'logged')).toMatchObject({ code: 0 });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('import', () => {
  it('import - RESULT lines become a completed sweep: replicates, seeds, memory and time by their names', async () => {
    const trials = await json('trials', 'logged');
    expect(trials).toHaveLength(48);
    expect(trials[25]).toMatchObject({
      number: 25,
      state: 'completed',
      configuration: 1,
      replicate: 1,
      seed: 1001,
      parameters: { size: 2, optimizer: 'adam' },
      metrics: { memory: 200, time: 62 },
    });
    const [sweep] = await json('sweeps');
    expect(sweep).toMatchObject({ name: 'logged', state: 'completed', reason: 'imported from train.log' });
  });

  it('import - a second time changes nothing', async () => {
    const again = await run('import', 'train.log', '--name', 'logged');
    expect(again.output).toMatch(/^logged \(\w{8}\): was imported before; nothing has changed\n$/);
    expect(await json('sweeps')).toHaveLength(1);
  });

  it('import - CSV against a sweep file: every bad row is named, and nothing is stored', async () => {
    await writeFile(
      join(directory, 'sweep.yaml'),
      [
        'name: from-csv',
        'trainable: { command: [train, "{size}"] }',
        'fixed: { optimizer: adam }',
        'space: { size: { int: [1, 10] } }',
        'objectives: { accuracy: maximize }',
      ].join('\n'),
    );
    await writeFile(
      join(directory, 'bad.csv'),
      'size,optimizer,accuracy\n3,adam,0.9\n30,adam,0.8\n4,sgd,0.7\n5,adam,\n6,adam,nan\n7,adam,0.5\n',
    );
    const { code, errors, output } = await run('import', 'bad.csv', '--sweep', 'sweep.yaml');
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(errors).toContain('line 3: "size" is 30, but must be at most 10');
    expect(errors).toContain('line 4: "optimizer" is "sgd", but the sweep fixes it to "adam"');
    expect(errors).toContain('line 5: has no accuracy, which is an objective');
    expect(errors).toContain('line 6: accuracy is nan, which is no finite number');
    expect((await run('status', 'from-csv')).code).toBe(2);
    const skipped = await run('import', 'bad.csv', '--sweep', 'sweep.yaml', '--skip-bad');
    expect(skipped.output).toMatch(/: 2 results stored, 4 rows left out\n$/);
    const trials = await json('trials', 'from-csv');
    expect(trials.map(({ state }) => state)).toEqual(['completed', 'completed']);
  });

  it('import - what was exported comes back the same, from each format', async () => {
    for (const format of ['json', 'jsonl', 'csv']) {
      await run('export', 'logged', '-o', `again.${format}`);
      const { code, errors } = await run('import', `again.${format}`, '--name', `again-${format}`);
      expect([code, errors]).toEqual([0, '']);
      const kept = (trials: Record<string, unknown>[]) =>
        trials.map(({ parameters, metrics, seed, configuration }) => ({
          parameters,
          metrics,
          seed,
          configuration,
        }));
      expect(kept(await json('trials', `again-${format}`))).toEqual(kept(await json('trials', 'logged')));
    }
  });

  it('import - files that are none are refused, and say what they are', async () => {
    await writeFile(join(directory, 'empty.json'), '');
    await writeFile(join(directory, 'broken.json'), '[{"a": 1},');
    await writeFile(join(directory, 'number.json'), '[1, 2]');
    const fails = async (file: string) => {
      const { code, errors } = await run('import', file);
      expect(code).toBe(2);
      return errors;
    };
    expect(await fails('empty.json')).toContain('empty.json is empty');
    expect(await fails('broken.json')).toContain('broken.json is no JSON');
    expect(await fails('number.json')).toContain('row 1 must be an object, not 1');
    expect(await fails('nowhere.json')).toContain('nowhere.json cannot be read');
  });

  it.skipIf(!existsSync(published))(
    'import - the 132 published trials, as six sweeps or against their sweep file',
    async () => {
      const { output } = await run('import', published, '--dir', join(directory, 'published'));
      expect(output.split('\n')).toHaveLength(7);
      const sweepFile = join(process.cwd(), 'configs/har-gru-nhidden.yaml');
      const one = await run('import', published, '--only', 'nhidden-bs800', '--sweep', sweepFile);
      expect(one.output).toMatch(/^har-gru-nhidden \(\w{8}\): 25 results stored\n$/);
      const [best] = await json('best', 'har-gru-nhidden', '--top', '1');
      expect(best).toMatchObject({
        parameters: { nhidden: 25 },
        metrics: { memory: 17884 },
        selectedOnTest: true,
      });
    },
  );
});

describe('insight', () => {
  it('best - says how probable each is, and who can not be told apart', async () => {
    const { output, errors } = await run('best', 'logged', '--top', '3', '--advice');
    expect(output).toMatch(/^rank .*expected +P\(best\)/);
    expect(errors).toMatch(/configurations can't be told apart|is the best with/);
    const [first] = await json('best', 'logged', '--top', '1');
    expect(first?.['probabilityBest']).toBeGreaterThan(0.1);
    expect(first).toMatchObject({ parameters: { optimizer: 'adam' } });
  });

  it('importance - in every format; --slice; wrong names are refused', async () => {
    const found = await json('importance', 'logged');
    expect(found.map(({ parameter }) => parameter).sort()).toEqual(['optimizer', 'size']);
    expect(found.reduce((sum, { share }) => sum + Number(share), 0)).toBeGreaterThan(0.7);
    const slice = await json('importance', 'logged', '--slice', 'size');
    expect(slice).toHaveLength(12);
    const lines = (await run('importance', 'logged', '--format', 'jsonl')).output.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { metric: string }).metric)).toEqual([
      'accuracy',
      'accuracy',
    ]);
    const wrong = await run('importance', 'logged', '--metric', 'acuracy');
    expect([wrong.code, wrong.errors]).toEqual([2, expect.stringContaining('did you mean "accuracy"?')]);
    expect((await run('importance', 'logged', '--slice', 'sise')).errors).toContain('did you mean "size"?');
  });

  it('pareto - the front, its knee, an order by weights, --where', async () => {
    const front = await json('pareto', 'logged', '--objectives', 'accuracy,memory');
    expect(front.filter(({ knee }) => knee)).toHaveLength(1);
    expect(front.every(({ parameters }) => (parameters as { optimizer: string }).optimizer === 'adam')).toBe(
      true,
    );
    const cheap = await json(
      'pareto',
      'logged',
      '--weights',
      'accuracy=0,memory=1',
      '--objectives',
      'accuracy,memory',
    );
    expect(cheap[0]).toMatchObject({ parameters: { size: 1 } });
    const small = await json('pareto', 'logged', '--where', 'size <= 3');
    expect(small.every(({ parameters }) => (parameters as { size: number }).size <= 3)).toBe(true);
    expect((await run('pareto', 'logged', '--weights', 'accuracy')).code).toBe(2);
  });

  it('trial, logs, compare - one trial, what happened, side by side', async () => {
    const { output } = await run('trial', '7', 'logged');
    expect(output).toMatch(/^trial 7 of logged \(\w{8}\): completed/);
    expect(output).toMatch(/space:\n +size: \[8\]/);
    expect((await run('trial', '99', 'logged')).errors).toContain('its trials are 0 to 47');
    const logs = await json('logs', 'logged', '--trial', '7');
    expect(logs.map(({ event }) => event)).toEqual(['started', 'completed']);
    const [a, b] = await json('compare', '7', '8', '--sweep', 'logged');
    expect([a?.['size'], b?.['size']]).toEqual([8, 9]);
    const sweeps = await run('compare', 'logged', 'logged:7');
    expect([sweeps.code, sweeps.errors]).toEqual([0, '']);
  });

  it('plot - SVG without a browser, PNG where asked for; a chart that can not be says why', async () => {
    for (const chart of ['best', 'tradeoff', 'importance', 'slice', 'parallel']) {
      const { code, output } = await run('plot', 'logged', '--chart', chart);
      expect(code).toBe(0);
      expect(output).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(output).not.toContain('NaN');
    }
    expect(await run('plot', 'logged', '-o', 'best.png')).toMatchObject({ code: 0, output: '' });
    expect([...(await readFile(join(directory, 'best.png'))).subarray(1, 4)]).toEqual([
      ...Buffer.from('PNG'),
    ]);
    const none = await run('plot', 'logged', '--chart', 'curves');
    expect([none.code, none.errors]).toEqual([
      1,
      'coordinator: no trial has reported accuracy more than once\n',
    ]);
    expect((await run('plot', 'logged', '-o', 'best.gif')).code).toBe(2);
  });

  it('plot - the results of another sweep beside, where a chart can show two', async () => {
    const earlier = rows.slice(0, 12).map((row) => ({ ...row, accuracy: row.accuracy - 0.05 }));
    await writeFile(join(directory, 'earlier.json'), JSON.stringify(earlier));
    expect((await run('import', 'earlier.json', '--name', 'earlier')).code).toBe(0);
    for (const chart of ['slice --parameter size', 'tradeoff']) {
      const { code, output } = await run(
        'plot',
        'logged',
        '--chart',
        ...chart.split(' '),
        '--beside',
        'earlier',
      );
      expect(code).toBe(0);
      // One for each of its trials, one in the legend.
      expect(output.match(/<polygon [^>]*fill-opacity/g)).toHaveLength(13);
      expect(output).toContain('>earlier</text>');
      expect(output).not.toContain('NaN');
    }
    expect(await run('plot', 'logged', '--beside', 'earlier')).toMatchObject({
      code: 2,
      errors: 'coordinator: --beside: chart "best" shows one sweep; there are slice and tradeoff for two\n',
    });
    expect((await run('plot', 'logged', '--chart', 'slice', '--beside', 'nothing')).code).toBe(2);
  });

  it('report - one file with tables, charts and nothing from elsewhere', async () => {
    await run('report', 'logged', '-o', 'report.html');
    const page = await readFile(join(directory, 'report.html'), 'utf8');
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|<link|src=/);
  });

  it('export - Parquet has the columns of the CSV', async () => {
    await run('export', 'logged', '--where', 'size <= 2', '-o', 'trials.parquet');
    const bytes = await readFile(join(directory, 'trials.parquet'));
    const read = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    });
    expect(read).toHaveLength(8);
    expect(read[0]).toMatchObject({
      number: 0,
      state: 'completed',
      'parameters.size': 1,
      'metrics.memory': 100,
    });
    expect((await run('export', 'logged', '--format', 'parquet')).code).toBe(2);
  });

  it('watch - into a pipe a line, and the exit code of the sweep', async () => {
    const { code, output } = await run('watch', 'logged');
    expect(code).toBe(0);
    expect(output).toMatch(/^logged completed · 48 of 48 ended · 48 completed · best accuracy 0\.\d+\n$/);
    const store = await openStore({ directory: join(directory, 'failed') });
    const yaml = 'name: failed\ntrainable: ./t.ts\nspace: { x: [1, 2] }\nobjectives: { y: maximize }\n';
    const id = await storeSweep(store, yaml, [{ configuration: 0, parameters: { x: 1 }, state: 'failed' }]);
    await store.setSweepState(id, 'failed', 'nothing completed');
    await store.close();
    expect((await coordinator(['watch', '--dir', join(directory, 'failed')])).code).toBe(3);
  });

  it('init, completion - a sweep file that is right, and scripts for the shells', async () => {
    for (const kind of ['command', 'module', 'har']) {
      expect((await coordinator(['init', `${kind}.yaml`, '--trainable', kind], directory)).code).toBe(0);
      const checked = await coordinator(['validate', `${kind}.yaml`], directory);
      expect([checked.code, checked.errors]).toEqual([0, '']);
    }
    const again = await coordinator(['init', 'har.yaml'], directory);
    expect([again.code, again.errors]).toEqual([2, expect.stringContaining('--force')]);
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await coordinator(['completion', shell])).output).toContain('importance');
  });
});
