import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { Client } from 'pg';

export const STORES = ['in-process', 'bullmq', 'pg-boss'] as const;
export type Store = (typeof STORES)[number];

const POSTGRES_URL =
  process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** @param space of the store, which no other run uses */
export function openEngine(
  store: Store,
  space: string,
  isWorker: boolean,
): DurableEngine {
  const worker = isWorker ? { concurrency: 200 } : false;
  switch (store) {
    case 'in-process':
      return inProcessEngine();
    case 'bullmq':
      return bullmqEngine({
        connection: { host: '127.0.0.1' },
        prefix: space,
        enqueueTimeout: '1m',
        worker,
      });
    case 'pg-boss':
      return pgBossEngine({
        connectionString: POSTGRES_URL,
        schema: schemaOf(space),
        enqueueTimeout: '1m',
        worker,
      });
  }
}

/** Has the statistics made that autovacuum would make within about a minute. */
export async function settled(store: Store, space: string): Promise<void> {
  if (store !== 'pg-boss') return;
  const client = new Client({ connectionString: POSTGRES_URL });
  await client.connect();
  await client.query(`VACUUM ANALYZE ${schemaOf(space)}.job`);
  await client.end();
}

function schemaOf(space: string): string {
  return space.replace('-', '_');
}
