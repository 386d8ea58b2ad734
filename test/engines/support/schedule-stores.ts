import { randomUUID } from 'node:crypto';
import type { describe } from '@jest/globals';
import type { DurableEngine } from 'nestjs-tasks';
import { bullmqEngine, type EngineOptions } from 'nestjs-tasks/bullmq';
import { pgBossEngine, type PgBossEngineOptions } from 'nestjs-tasks/pg-boss';
import {
  describeWithPostgres,
  POSTGRES_URL,
  PostgresSpace,
} from './postgres.js';
import { describeWithRedis, RedisSpace } from './redis.js';

/** A queue, and what may happen to what its store has of recurring tasks. */
export interface ScheduleStore {
  engine(options?: Pick<EngineOptions, 'application'>): DurableEngine;
  /** As if none of the processes had said for long that it lives. */
  endLeases(): Promise<void>;
  /** Loses the jobs of all occurrences, which were due a while ago. */
  loseOccurrences(): Promise<void>;
}

export interface ScheduleSpace {
  store(): ScheduleStore;
  close(): Promise<void>;
}

interface ScheduleCase {
  readonly name: string;
  readonly describe: typeof describe.skip;
  space(): ScheduleSpace;
}

const LONG_MS = 60_000;

class RedisSchedules implements ScheduleSpace {
  readonly #space = new RedisSpace();

  store(): ScheduleStore {
    const { connection, client } = this.#space;
    const prefix = `${this.#space.prefix}-${randomUUID()}`;
    const key = (name: string) => `${prefix}:nestjs-tasks:${name}`;
    const deleteAll = async (pattern: string) => {
      const keys = await client.keys(key(pattern));
      if (keys.length > 0) await client.del(keys);
    };
    return {
      engine: (options) =>
        bullmqEngine({ enqueueTimeout: '30s', connection, prefix, ...options }),
      endLeases: () => deleteAll('nestjs-tasks:declarers:*'),
      loseOccurrences: async () => {
        await deleteAll('repeat:*:*');
        await client.del(key('delayed'));
        for (const id of await client.zrange(key('repeat'), '0', '-1')) {
          await client.zadd(key('repeat'), Date.now() - LONG_MS, id);
        }
      },
    };
  }

  close(): Promise<void> {
    return this.#space.close();
  }
}

export class PostgresSchedules implements ScheduleSpace {
  readonly #space = new PostgresSpace();
  // One for all queues: pg-boss takes as long for its tables as a test does.
  readonly schema = this.#space.schema();
  #queues = 0;

  store() {
    const { schema } = this;
    const queue = `queue_${(this.#queues += 1)}`;
    const query = <Row = unknown>(text: string, values: unknown[] = []) =>
      this.#space.query<Row>(text.replaceAll('$job', `${schema}.job`), [
        queue,
        ...values,
      ]);
    return {
      query,
      engine: (options?: Pick<PgBossEngineOptions, 'application' | 'worker'>) =>
        pgBossEngine({
          enqueueTimeout: '30s',
          connectionString: POSTGRES_URL,
          schema,
          queue,
          ...options,
        }),
      endLeases: async () =>
        void (await query(
          `UPDATE $job SET keep_until = now() WHERE name = $1::text || '/declarers'`,
        )),
      loseOccurrences: async () =>
        void (await query('DELETE FROM $job WHERE name = $1')),
    };
  }

  close(): Promise<void> {
    return this.#space.close();
  }
}

export const SCHEDULES: readonly ScheduleCase[] = [
  {
    name: 'BullMQ',
    describe: describeWithRedis,
    space: () => new RedisSchedules(),
  },
  {
    name: 'pg-boss',
    describe: describeWithPostgres,
    space: () => new PostgresSchedules(),
  },
];
