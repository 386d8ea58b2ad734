import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { isAvailable, newSchema } from './postgres-schema.js';

/** An empty database for one application of a sample. */
export interface TestDatabase {
  readonly url: string;
  /** The rows of a query, when no application has it open. */
  rows<Row>(sql: string): Promise<Row[]>;
  drop(): Promise<void>;
}

let server: Promise<boolean> | undefined;

/**
 * A schema of the PostgreSQL server of the tests. Where there is no server, an embedded
 * PostgreSQL, which takes seconds of CPU to start.
 */
export async function newDatabase(): Promise<TestDatabase> {
  server ??= isAvailable();
  return (await server) ? onServer() : inFolder();
}

async function onServer(): Promise<TestDatabase> {
  const schema = newSchema();
  const url = await schema.create();
  return {
    url,
    async rows<Row>(sql: string) {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(sql)).rows as Row[];
      } finally {
        await client.end();
      }
    },
    drop: schema.drop,
  };
}

async function inFolder(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-sample-'));
  const url = pathToFileURL(join(folder, 'database')).href;
  return {
    url,
    rows: (sql) => rowsIn(url, sql),
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The rows of a query in an embedded database that no application has open. */
export async function rowsIn<Row>(url: string, sql: string): Promise<Row[]> {
  const database = new PGlite(url);
  const { rows } = await database.query<Row>(sql);
  await database.close();
  return rows;
}
