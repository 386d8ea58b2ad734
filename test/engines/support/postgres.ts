import { describe } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client, Pool } from 'pg';
import { needsNode22 } from './pg-boss-node.js';

export const POSTGRES_URL =
  process.env['TEST_POSTGRES_URL'] ??
  'postgres://postgres@127.0.0.1:5432/postgres';

const canRun = needsNode22() && (await reaches());

/** Of tests that need a PostgreSQL. */
export const describeWithPostgres = canRun ? describe : describe.skip;

/** Schemas of a shared PostgreSQL that nobody else uses. */
export class PostgresSpace {
  readonly pool = new Pool({ connectionString: POSTGRES_URL });
  readonly #schemas: string[] = [];

  schema(): string {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    this.#schemas.push(schema);
    return schema;
  }

  /** Rows of a statement. */
  async query<Row = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<Row[]> {
    return (await this.pool.query(text, values)).rows as Row[];
  }

  /** Drops them. */
  async close(): Promise<void> {
    for (const schema of this.#schemas) {
      await this.pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
    await this.pool.end();
  }
}

async function reaches(): Promise<boolean> {
  const client = new Client({ connectionString: POSTGRES_URL });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    const what = `No PostgreSQL at ${POSTGRES_URL}. Install postgresql and start it`;
    if (process.env['CI']) throw new Error(`${what}.`);
    process.stderr.write(`${what} to run the tests of nestjs-tasks/pg-boss.\n`);
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
