import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pendingMigrations, shippedMigrations } from '../../src/store/migrations.js';
import { EnvironmentError } from '../../src/support/errors.js';

const migration = (name: string, checksum = `sum of ${name}`) => ({ name, checksum, sql: '' });
const shipped = [migration('1_init'), migration('2_more'), migration('3_yet_more')];

describe('migrations', () => {
  test('what is pending - is what was not applied, oldest first', () => {
    expect(pendingMigrations([], shipped, 'db')).toEqual(shipped);
    expect(pendingMigrations([migration('2_more')], shipped, 'db').map(({ name }) => name)).toEqual([
      '1_init',
      '3_yet_more',
    ]);
    expect(pendingMigrations(shipped, shipped, 'db')).toEqual([]);
  });

  test('a database of a newer program - is refused', () => {
    expect(() => pendingMigrations([...shipped, migration('4_newer')], shipped, 'the database db')).toThrow(
      new EnvironmentError(
        'the database db was made by a newer Sweepyard: it has the migration 4_newer, which this version does not ' +
          'know. Update Sweepyard, or choose another place for its data.',
      ),
    );
  });

  test('a migration that was edited - is refused', () => {
    expect(() => pendingMigrations([migration('1_init', 'other')], shipped, 'the database db')).toThrow(
      'the database db was made with another text of the migration 1_init than this Sweepyard has',
    );
  });

  test('both databases - have the same migrations, up to the present models', () => {
    const names = (['sqlite', 'postgresql'] as const).map((provider) =>
      shippedMigrations(provider).map(({ name }) => name),
    );
    expect(names[0]).toEqual(names[1]);
    const text = (file: string): string =>
      readFileSync(new URL(`../../prisma/${file}`, import.meta.url), 'utf8');
    expect(text('migrated.prisma'), 'run scripts/make-migration.mjs').toBe(text('models.prisma'));
  });
});
