import type { Client } from '@libsql/client';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shippedMigrations } from '../../../src/store/migrations.js';
import { sqliteDialect } from '../../../src/store/sqlite/sqlite-dialect.js';
import { statementsFor } from '../../../src/store/statements.js';
import type { TrialQuery } from '../../../src/store/sweep-store.js';
import { selectTrials } from '../../../src/store/trial-query.js';
import { trialColumns } from '../../../src/store/trial-rows.js';

/** How SQLite goes about the statements on which the speed with 100,000 trials depends. */
describe('query plans of SQLite', () => {
  const statements = statementsFor(sqliteDialect);
  let client: Client;
  beforeAll(async () => {
    client = createClient({ url: ':memory:' });
    for (const { sql } of shippedMigrations('sqlite')) await client.executeMultiple(sql);
  });
  afterAll(() => client.close());

  async function planOf(sql: string): Promise<string> {
    const parameters = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, position]) => Number(position)));
    const args = new Array<string>(parameters).fill('[]');
    const { rows } = await client.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args });
    return rows.map((row) => row['detail'] as string).join('\n');
  }
  const planOfQuery = (query: TrialQuery, after?: number): Promise<string> => {
    const { rest } = selectTrials(query, ['accuracy', 'memory'], sqliteDialect, after);
    return planOf(statements.read(trialColumns, rest));
  };

  test('changes since a revision - are found by revision', async () => {
    const rest = 'trial WHERE sweep_id = $1 AND revision > $2 ORDER BY revision LIMIT $3';
    const plan = await planOf(statements.read(trialColumns, rest));
    expect(plan).toContain('USING INDEX trial_sweep_id_revision_idx (sweep_id=? AND revision>?)');
    expect(plan).not.toContain('TEMP B-TREE');
  });

  test.each([
    ['accuracy', 'descending', 'objective1'],
    ['memory', 'ascending', 'objective2'],
  ] as const)(
    'the best by %s - are found by its index, not by sorting all',
    async (metric, direction, column) => {
      const plan = await planOfQuery({ states: ['completed'], orderBy: { metric, direction }, limit: 10 });
      expect(plan).toContain(`USING INDEX trial_sweep_id_${column}_idx (sweep_id=?)`);
      // Ties alone are sorted, by number.
      expect(plan).not.toMatch(/TEMP B-TREE FOR ORDER BY/);
    },
  );

  test('trials by number - are read in the order of their key', async () => {
    expect(await planOfQuery({}, 7)).toMatch(
      /SEARCH trial USING INDEX sqlite_autoindex_trial_1 \(sweep_id=\? AND number>\?\)/,
    );
    expect(await planOfQuery({ states: ['failed'] }, 7)).toContain(
      'USING INDEX trial_sweep_id_state_number_idx (sweep_id=? AND state=? AND number>?)',
    );
  });

  test.each([...statements.changeTrials])(
    'changing a group - looks each trial up by its key',
    async (statement) => {
      const plan = await planOf(statement);
      expect(plan).toContain('(sweep_id=? AND number=?)');
      expect(plan).toContain('MATERIALIZE r');
    },
  );

  test('what a batch is about - is looked up by its key', async () => {
    expect(await planOf(statements.progress)).toContain('(sweep_id=? AND number=?)');
    expect(await planOf(statements.trialNumbers)).toContain('(sweep_id=? AND number=?)');
  });
});
