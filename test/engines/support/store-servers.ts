import type { describe } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import {
  describeWithPostgresServer,
  PostgresServer,
} from './postgres-server.js';
import { describeWithRedisServer, RedisServer } from './redis-server.js';

/** The store of an engine, which a test may kill and freeze. */
export interface StoreServer {
  start(): Promise<void>;
  kill(): Promise<void>;
  /** It keeps its connections, but answers nothing. */
  freeze(): void;
  thaw(): void;
  /** It keeps its connections, and refuses to write, as a primary does that has become a replica. */
  demote(): Promise<void>;
  promote(): Promise<void>;
}

/** An engine, and a server of its own for each test. */
export interface ServerCase {
  readonly name: string;
  /** Skips where the server is not installed. */
  readonly describe: typeof describe.skip;
  /** What the log says when the server cannot be reached. */
  readonly isGone: RegExp;
  /** What it says when the server answers again. */
  readonly isBack: RegExp;
  /** A server that does not run yet, and what makes engines over it. */
  create(): Promise<{ server: StoreServer; engine: () => DurableEngine }>;
  /** Ends the servers that were created. */
  removeAll(): Promise<void>;
}

/** Shorter than the patience of the drivers, and enough for a store that answers on a busy machine. */
const ENQUEUE_TIMEOUT_MS = 1_500;

const pools: Pool[] = [];

function poolOf(connectionString: string): Pool {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 1_000 });
  // As an application must do that has a pool.
  pool.on('error', () => {});
  pools.push(pool);
  return pool;
}

const pgBoss = {
  describe: describeWithPostgresServer,
  isGone: /^pg-boss: the database is not responding/,
  isBack: /^pg-boss: the database is responding again\.$/,
  removeAll: async () => {
    await PostgresServer.removeAll();
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
  },
};

export const SERVERS: readonly ServerCase[] = [
  {
    name: 'BullMQ',
    describe: describeWithRedisServer,
    isGone: /^Redis (?:cannot be reached|has not answered)/,
    isBack: /^Redis can be reached again after \d+\.\d s/,
    create: async () => {
      const server = await RedisServer.create();
      const { connection } = server;
      const enqueueTimeout = ENQUEUE_TIMEOUT_MS;
      return {
        server,
        engine: () => bullmqEngine({ connection, enqueueTimeout }),
      };
    },
    removeAll: () => RedisServer.removeAll(),
  },
  {
    ...pgBoss,
    name: 'pg-boss with connections of its own',
    create: async () => {
      const server = await PostgresServer.create();
      const { connectionString } = server;
      const enqueueTimeout = ENQUEUE_TIMEOUT_MS;
      return {
        server,
        engine: () => pgBossEngine({ connectionString, enqueueTimeout }),
      };
    },
  },
  {
    ...pgBoss,
    name: 'pg-boss with the pool of the application',
    create: async () => {
      const server = await PostgresServer.create();
      const pool = poolOf(server.connectionString);
      const enqueueTimeout = ENQUEUE_TIMEOUT_MS;
      return { server, engine: () => pgBossEngine({ pool, enqueueTimeout }) };
    },
  },
];
