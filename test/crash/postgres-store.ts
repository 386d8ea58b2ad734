import { Client } from 'pg';
import type { PostgresProcess } from '../support/postgres-process.js';
import type { FaultyStore } from './faults.js';

/** A PostgreSQL that can be frozen, and be made to refuse new transactions that write. */
export class PostgresStore implements FaultyStore {
  readonly #server: PostgresProcess;

  constructor(server: PostgresProcess) {
    this.#server = server;
  }

  freeze(): void {
    this.#server.freeze();
  }

  thaw(): void {
    this.#server.thaw();
  }

  async demote(): Promise<void> {
    await this.#set('ALTER SYSTEM SET default_transaction_read_only = on');
  }

  async promote(): Promise<void> {
    await this.#set('ALTER SYSTEM RESET default_transaction_read_only');
  }

  async #set(statement: string): Promise<void> {
    const { connectionString } = this.#server;
    const client = new Client({ connectionString });
    await client.connect();
    try {
      await client.query(statement);
      await client.query('SELECT pg_reload_conf()');
    } finally {
      await client.end();
    }
  }
}
