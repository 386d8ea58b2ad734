import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from 'pg';

const POSTGRES_URL =
  process.env['TEST_POSTGRES_URL'] ??
  'postgres://postgres@127.0.0.1:5432/postgres';

/** Below the ports that systems give to outgoing connections. */
const FIRST = 20_000;
const COUNT = 12_000;

/** A port on which nothing listens, and neither on the next one. No connection gets them. */
export async function freePort() {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

/** @param {number} port */
async function isFree(port) {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

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
