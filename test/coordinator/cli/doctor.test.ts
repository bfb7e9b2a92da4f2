import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const main = fileURLToPath(new URL('../../../dist/coordinator/cli/main.js', import.meta.url));
const checks = z.array(z.strictObject({ what: z.string(), ok: z.boolean(), found: z.string() }));

async function doctor(...flags: string[]): Promise<{ code: number; text: string }> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SWEEPYARD_')),
  );
  return await new Promise((resolve) => {
    execFile(process.execPath, [main, 'doctor', ...flags], { env: environment }, (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, text: stdout }),
    );
  });
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sweepyard-doctor-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('coordinator doctor - ends with 0 where all is well, and says what it found', async () => {
  const { code, text } = await doctor('--json', '--dir', await folder());
  const found = checks.parse(JSON.parse(text));
  expect(found.map(({ what }) => what)).toEqual([
    'Node.js',
    'data directory',
    'store',
    'nats-server',
    'dashboard',
  ]);
  expect(found.find(({ what }) => what === 'store')?.found).toBe('SQLite, 0 sweeps, 0 of them running');
  expect(found.every(({ ok }) => ok)).toBe(true);
  expect(code).toBe(0);
});

test('coordinator doctor - names what is wrong, and ends with 1', async () => {
  const dir = await folder();
  await writeFile(join(dir, 'sweepyard.db'), 'this is a text and no database at all, '.repeat(200));
  const { code, text } = await doctor('--dir', dir);
  expect(text).toMatch(/^WRONG {2}store: the database .*sweepyard\.db is not a Sweepyard database/m);
  expect(text).toMatch(/^ok {5}Node\.js: v/m);
  expect(code).toBe(1);
});
