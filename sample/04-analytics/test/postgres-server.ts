import { Client } from 'pg';

const SERVER =
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';

/** Runs one statement on the PostgreSQL server of the tests. */
export async function onServer(sql: string): Promise<void> {
  const client = new Client({
    connectionString: SERVER,
    connectionTimeoutMillis: 3_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Whether there is one; when there must be one, it is for the tests to fail. */
export async function isServerThere(): Promise<boolean> {
  if (process.env['CI'] === 'true') return true;
  try {
    await onServer('SELECT 1');
    return true;
  } catch {
    process.stderr.write(
      `Skipped: events on a PostgreSQL server. Start one at ${SERVER}, or name yours in TEST_DATABASE_URL.\n`,
    );
    return false;
  }
}

/** The URL of the server with a schema of its own. */
export function urlOfSchema(schema: string): string {
  const url = new URL(SERVER);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return url.href;
}
