import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { fromPglite, pgBossEngine } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import type { Database } from '../database/database.js';
import type { Environment } from './environment.js';

/** Redis where there is one, else the database of the application. */
export function engineFor({ REDIS_URL: url }: Environment, database: Database) {
  if (url !== undefined) return bullmqEngine({ connection: { url } });
  const { connection } = database;
  return pgBossEngine(
    connection instanceof Pool
      ? { pool: connection }
      : { db: fromPglite(connection) },
  );
}
