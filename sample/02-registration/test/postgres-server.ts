import { Client } from 'pg';

/** The server that tests use; without one they are skipped, or fail when `CI=true`. */
export const POSTGRES_SERVER =
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';

const SCHEMA = `registration_${process.pid}`;

export function isServerThere(): Promise<boolean> {
  return onServer('SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Makes a schema of its own on the server, and gives the URL to it. */
export async function createSchema(): Promise<string> {
  await onServer(`CREATE SCHEMA ${SCHEMA}`);
  const url = new URL(POSTGRES_SERVER);
  url.searchParams.set('options', `-c search_path=${SCHEMA}`);
  return url.href;
}

export async function dropSchema(): Promise<void> {
  await onServer(`DROP SCHEMA ${SCHEMA} CASCADE`);
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({
    connectionString: POSTGRES_SERVER,
    connectionTimeoutMillis: 3_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
