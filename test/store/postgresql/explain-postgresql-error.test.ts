import { describe, expect, it } from 'vitest';
import { DatabaseAwayError } from '../../../src/store/database-away-error.js';
import { explainPostgresqlError } from '../../../src/store/postgresql/explain-postgresql-error.js';
import { EnvironmentError } from '../../../src/support/errors.js';

const explain = (error: unknown): unknown => explainPostgresqlError(error, 'postgresql://me@host/x');

describe('errors of PostgreSQL', () => {
  it.each([
    [{ code: 'ECONNREFUSED' }, /does not answer/],
    [{ message: 'Connection terminated unexpectedly' }, /broke the connection/],
    [{ message: 'Client has encountered a connection error and is not queryable' }, /broke the connection/],
    [{ cause: { code: '57P01' } }, /was shut down/],
    [{ meta: { driverAdapterError: { cause: { kind: 'DatabaseNotReachable' } } } }, /does not answer/],
  ])('%o - may be over in a moment, and is waited for', (error, text) => {
    const explained = explain(error);
    expect(explained).toBeInstanceOf(DatabaseAwayError);
    expect((explained as Error).message).toMatch(text);
    expect((explained as Error).message).toMatch(/^the database postgresql:\/\/me@host\/x /);
  });

  it('a wrong password - is not waited for; what is unknown stays as it is', () => {
    const wrong = explain({ code: '28P01' });
    expect(wrong).toBeInstanceOf(EnvironmentError);
    expect(wrong).not.toBeInstanceOf(DatabaseAwayError);
    const unknown = new Error('something else');
    expect(explain(unknown)).toBe(unknown);
  });
});
