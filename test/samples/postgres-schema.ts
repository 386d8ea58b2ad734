import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

const SERVER =
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';

/** A schema of its own on the PostgreSQL server of the tests. */
export interface PostgresSchema {
  /** Creates it and returns the URL of a database that has it as its search path. */
  create(): Promise<string>;
  drop(): Promise<void>;
}

/**
 * The schema for the tests of `what`; `undefined` when there is no server, in which case
 * the tests should be skipped. With `CI=true` they fail instead.
 */
export async function postgresSchema(
  what: string,
): Promise<PostgresSchema | undefined> {
  if (!(await isAvailable()) && process.env['CI'] !== 'true') {
    process.stderr.write(
      `Skipped: ${what} on a PostgreSQL server. Start one at ${SERVER}, or set TEST_DATABASE_URL.\n`,
    );
    return undefined;
  }
  return newSchema();
}

/** Whether the server answers. */
export async function isAvailable(): Promise<boolean> {
  try {
    await onServer('SELECT 1');
    return true;
  } catch {
    return false;
  }
}

export function newSchema(): PostgresSchema {
  const schema = `sample_${randomUUID().replaceAll('-', '')}`;
  return {
    async create() {
      await onServer(`CREATE SCHEMA ${schema}`);
      const url = new URL(SERVER);
      url.searchParams.set('options', `-c search_path=${schema}`);
      return url.href;
    },
    drop: () => onServer(`DROP SCHEMA ${schema} CASCADE`),
  };
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({
    connectionString: SERVER,
    connectionTimeoutMillis: 30_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
