import { createClient } from '@libsql/client';
import type {
  Client,
  InArgs,
  InStatement,
  Replicated,
  ResultSet,
  Transaction,
  TransactionMode,
} from '@libsql/client';

/**
 * A libsql client of a local file that keeps to one connection. libsql's own opens a new one after each transaction,
 * which forgets its PRAGMAs (busy_timeout, synchronous, foreign_keys) and its page cache.
 *
 * Who uses it must not run anything else while a transaction is open; Prisma's adapter holds a lock for that.
 */
export class SingleConnectionClient implements Client {
  readonly protocol = 'file';
  readonly #client: Client;

  constructor(url: string) {
    this.#client = createClient({ url });
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  execute(statement: InStatement | string, args?: InArgs): Promise<ResultSet> {
    return typeof statement === 'string'
      ? this.#client.execute(statement, args)
      : this.#client.execute(statement);
  }

  batch(statements: (InStatement | [string, InArgs?])[], mode?: TransactionMode): Promise<ResultSet[]> {
    return this.#client.batch(statements, mode);
  }

  migrate(statements: InStatement[]): Promise<ResultSet[]> {
    return this.#client.migrate(statements);
  }

  executeMultiple(sql: string): Promise<void> {
    return this.#client.executeMultiple(sql);
  }

  /**
   * Always for writing, whatever is asked for: a transaction that starts by reading can't wait for another writer
   * when it comes to write (SQLITE_BUSY at once, busy_timeout or not).
   */
  async transaction(): Promise<Transaction> {
    await this.#client.execute('BEGIN IMMEDIATE');
    return new SameConnectionTransaction(this.#client);
  }

  sync(): Promise<Replicated> {
    return this.#client.sync();
  }

  reconnect(): void {
    this.#client.reconnect();
  }

  close(): void {
    this.#client.close();
  }
}

class SameConnectionTransaction implements Transaction {
  readonly #client: Client;
  #closed = false;

  constructor(client: Client) {
    this.#client = client;
  }

  get closed(): boolean {
    return this.#closed;
  }

  execute(statement: InStatement): Promise<ResultSet> {
    return this.#client.execute(statement);
  }

  async batch(statements: InStatement[]): Promise<ResultSet[]> {
    const results: ResultSet[] = [];
    for (const statement of statements) results.push(await this.#client.execute(statement));
    return results;
  }

  /** Refused: libsql's client rolls back after a script, and who calls this wants to go on. */
  executeMultiple(): Promise<void> {
    return Promise.reject(new Error('a transaction of this client runs one statement at a time'));
  }

  async commit(): Promise<void> {
    try {
      await this.#client.execute('COMMIT');
      this.#closed = true;
    } catch (error) {
      // A full disk, say: SQLite may leave the transaction open, and no other could begin on this connection.
      this.close();
      throw error;
    }
  }

  async rollback(): Promise<void> {
    this.#closed = true;
    await this.#client.execute('ROLLBACK');
  }

  close(): void {
    if (this.#closed) return;
    // It fails where SQLite has rolled back by itself.
    void this.rollback().catch(() => undefined);
  }
}
