import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeProblem, readDefinition } from '../../src/sweep/definition.js';

const folder = new URL('./broken/', import.meta.url);
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

// Each broken file stands beside the exact messages that are expected for it.
describe('broken sweep files', () => {
  it('definition - there are at least 40 of them', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(40);
  });

  it.each(fixtures)('definition - %s is refused with these messages', async (name) => {
    const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
    const result = readDefinition(text, { baseDirectory: '/sweeps' });
    const lines = result.ok ? ['no problem'] : result.problems.map((problem) => describeProblem(problem, ''));
    expect(result.ok).toBe(false);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(fileURLToPath(new URL(`${name}.txt`, folder)));
  });
});
