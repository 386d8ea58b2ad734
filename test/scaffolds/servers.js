import { spawn } from 'node:child_process';
import { Client } from 'pg';
import { freePort } from '../support/free-port.js';

const POSTGRES_URL =
  process.env['TEST_POSTGRES_URL'] ??
  'postgres://postgres@127.0.0.1:5432/postgres';

/**
 * A Redis of their own, and databases, for the applications of the pages.
 *
 * @param {string} folder
 */
export async function startServers(folder) {
  const port = String(await freePort());
  const redis = spawn(
    'redis-server',
    ['--port', port, '--save', '', '--databases', '100', '--dir', folder],
    { stdio: 'ignore' },
  );
  /** @type {string[]} */
  const databases = [];
  return {
    /** Environment variables with the address of an empty database of each kind. */
    async environment() {
      const name = `pages_${process.pid}_${databases.length}`;
      const redisUrl = `redis://127.0.0.1:${port}/${databases.length}`;
      databases.push(name);
      await query(`CREATE DATABASE ${name}`);
      const databaseUrl = new URL(POSTGRES_URL);
      databaseUrl.pathname = name;
      return { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl.href };
    },
    async stop() {
      redis.kill();
      for (const name of databases) {
        await query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }
    },
  };
}

/** @param {string} statement */
async function query(statement) {
  const client = new Client(POSTGRES_URL);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
