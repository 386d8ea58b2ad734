import { randomUUID } from 'node:crypto';
import type { describe } from '@jest/globals';
import { Queue } from 'bullmq';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import type { DatabaseError } from 'pg';
import type { WorkerSettings } from '../apps/worker-settings.js';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './postgres.js';
import { describeWithRedis, RedisSpace } from './redis.js';
import { pause } from '../../support/pause.js';

/** A job as its store shows it. */
export interface StoredJob {
  readonly id: string;
  readonly state: 'waiting' | 'active' | 'failed';
  /** What is kept of the error. */
  readonly error: string | undefined;
}

/** What an engine needs to know in these tests. */
export interface WorkerChoice {
  /** `false`: it stores jobs and runs none. */
  readonly worker?: false;
}

/** A queue that several applications share. */
export interface SharedQueue {
  /** For workers in processes of their own. */
  readonly settings: WorkerSettings;
  engine(choice?: WorkerChoice): DurableEngine;
  /** The jobs that are not done. */
  jobs(): Promise<readonly StoredJob[]>;
  /** Stores anything as the data of a job, as other software might. */
  put(data: unknown): Promise<void>;
}

/** A place in the store of an engine. */
export interface QueueSpace {
  queue(): SharedQueue;
  /** An engine whose store cannot be reached. */
  unreachable(): DurableEngine;
  close(): Promise<void>;
}

/** An engine that applications are tested with. */
export interface EngineCase {
  readonly name: string;
  /** Skips where its store is not installed. */
  readonly describe: typeof describe.skip;
  space(): QueueSpace;
}

/** PostgreSQL's code of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/** Nothing listens there. */
const CLOSED_PORT = 1;

class RedisQueues implements QueueSpace {
  readonly #space = new RedisSpace();
  readonly #queues: Queue[] = [];

  queue(): SharedQueue {
    const { connection } = this.#space;
    const prefix = `${this.#space.prefix}-${randomUUID()}`;
    const queue = new Queue('nestjs-tasks', { connection, prefix });
    this.#queues.push(queue);
    return {
      settings: { bullmq: { connection, prefix } },
      engine: ({ worker } = {}) =>
        bullmqEngine({ enqueueTimeout: '30s', connection, prefix, worker }),
      jobs: async () => {
        const states = ['waiting', 'delayed', 'active', 'failed'] as const;
        const jobs = await Promise.all(
          states.map(async (state) =>
            (await queue.getJobs([state])).map(({ id = '', failedReason }) => ({
              id,
              state: state === 'delayed' ? ('waiting' as const) : state,
              error: failedReason,
            })),
          ),
        );
        return jobs.flat();
      },
      put: async (data) => void (await queue.add('by hand', data)),
    };
  }

  unreachable(): DurableEngine {
    const connection = { host: '127.0.0.1', port: CLOSED_PORT };
    return bullmqEngine({ connection, enqueueTimeout: 300 });
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
    await this.#space.close();
  }
}

class PostgresQueues implements QueueSpace {
  readonly #space = new PostgresSpace();
  // One for all queues: pg-boss takes as long for its tables as a test does.
  readonly #schema = this.#space.schema();
  #queues = 0;

  queue(): SharedQueue {
    const schema = this.#schema;
    const queue = `queue_${(this.#queues += 1)}`;
    return {
      settings: { pgBoss: { connectionString: POSTGRES_URL, schema, queue } },
      engine: ({ worker } = {}) =>
        pgBossEngine({
          enqueueTimeout: '30s',
          connectionString: POSTGRES_URL,
          schema,
          queue,
          worker,
        }),
      jobs: () =>
        this.#space.query<StoredJob>(
          `SELECT data->>'id' AS id,
             CASE state WHEN 'created' THEN 'waiting' WHEN 'retry' THEN 'waiting' ELSE state::text END AS state,
             (output->>'name') || ': ' || (output->>'message') AS error
           FROM ${schema}.job WHERE name = $1 AND state <> 'completed'`,
          [queue],
        ),
      put: async (data) => {
        const values = [
          data === undefined ? null : JSON.stringify(data),
          queue,
        ];
        const put = `INSERT INTO ${schema}.job (name, data)
          SELECT name, $1::jsonb FROM ${schema}.queue WHERE name = $2
          RETURNING id`;
        // On a busy machine the application listens before its queue is there.
        const isPut = async () => {
          try {
            return (await this.#space.query(put, values)).length > 0;
          } catch (error) {
            if ((error as DatabaseError).code === UNDEFINED_TABLE) return false;
            throw error;
          }
        };
        while (!(await isPut())) await pause();
      },
    };
  }

  unreachable(): DurableEngine {
    const connectionString = `postgres://127.0.0.1:${CLOSED_PORT}/none`;
    return pgBossEngine({ connectionString, enqueueTimeout: 300 });
  }

  close(): Promise<void> {
    return this.#space.close();
  }
}

export const ENGINES: readonly EngineCase[] = [
  {
    name: 'BullMQ',
    describe: describeWithRedis,
    space: () => new RedisQueues(),
  },
  {
    name: 'pg-boss',
    describe: describeWithPostgres,
    space: () => new PostgresQueues(),
  },
];
