import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from 'pg';

const POSTGRES_URL =
  process.env['TEST_POSTGRES_URL'] ??
  'postgres://postgres@127.0.0.1:5432/postgres';

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address === 'string') throw new Error('No port');
  return address.port;
}

/**
 * A Redis of their own, and an empty database, for the applications of the pages.
 *
 * @param {string} folder
 */
export async function startServers(folder) {
  const name = `pages_${process.pid}`;
  await query(`CREATE DATABASE ${name}`);
  const port = String(await freePort());
  const redis = spawn(
    'redis-server',
    ['--port', port, '--save', '', '--dir', folder],
    { stdio: 'ignore' },
  );
  const databaseUrl = new URL(POSTGRES_URL);
  databaseUrl.pathname = name;
  return {
    env: {
      REDIS_URL: `redis://127.0.0.1:${port}`,
      DATABASE_URL: databaseUrl.href,
    },
    async stop() {
      redis.kill();
      await query(`DROP DATABASE ${name} WITH (FORCE)`);
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
