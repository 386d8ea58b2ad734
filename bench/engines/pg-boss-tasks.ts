import 'reflect-metadata';
import {
  Injectable,
  Module,
  type INestApplicationContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppTasks, Task, TasksModule, type DurableEngine } from 'nestjs-tasks';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { Pool } from 'pg';
import {
  ARGUMENTS,
  CONCURRENCY,
  Countdown,
  dataOf,
  inHundreds,
  type AnnouncingQueue,
} from './measured-queue.js';

const countdown = new Countdown();

@Injectable()
class BenchTasks {
  @Task('bench.task', { durable: true })
  run(..._args: readonly unknown[]): void {
    countdown.count();
  }
}

function appOn(engine: DurableEngine): Promise<INestApplicationContext> {
  @Module({
    imports: [TasksModule.forRoot({ engine })],
    providers: [BenchTasks],
  })
  class BenchModule {}
  return NestFactory.createApplicationContext(BenchModule, {
    logger: ['error', 'warn'],
  });
}

/** The engine, and an application whose worker runs its jobs. */
export async function tasksQueue(
  connectionString: string,
  schema: string,
  queues: readonly string[] = ['default'],
): Promise<AnnouncingQueue> {
  const pool = new Pool({ connectionString });
  const place = { connectionString, schema };
  const onlyStores = { ...place, worker: false } as const;
  const silent = pgBossEngine({
    ...onlyStores,
    queue: 'stored',
    notify: false,
  });
  const announced = pgBossEngine({ ...onlyStores, queue: 'announced' });
  const worker = {
    queues: Object.fromEntries(queues.map((name) => [name, CONCURRENCY])),
  };
  const run = pgBossEngine({ ...place, queue: 'run', worker });
  const app = await appOn(run);
  return {
    async store(count) {
      await add(silent, count, ['default']);
    },
    async storeAnnounced(count) {
      await add(announced, count, ['default']);
    },
    async forget() {
      await pool.query(
        `DELETE FROM ${schema}.job WHERE name IN ('stored', 'announced')`,
      );
    },
    storeAndRun: (count) =>
      countdown.from(count, async () => {
        await inHundreds(count, (size) => add(run, size, queues));
      }),
    async close() {
      await Promise.all([
        app.close(),
        run.stop(1_000),
        silent.stop(1_000),
        announced.stop(1_000),
        pool.end(),
      ]);
    },
  };
}

/** How many statements a scope with this many durable tasks executes. */
export async function statementsFor(
  tasksPerScope: number,
  connectionString: string,
  schema: string,
): Promise<number> {
  const pool = new Pool({ connectionString });
  let statements = 0;
  const db = {
    executeSql: (text: string, values?: unknown[]) => {
      statements += 1;
      return pool.query(text, values);
    },
  };
  const app = await appOn(
    pgBossEngine({ db, schema, queue: 'stored', worker: false }),
  );
  let least = Number.POSITIVE_INFINITY;
  // The least of several runs, because pg-boss at times executes statements of its own.
  for (let n = 0; n < 20; n += 1) {
    statements = 0;
    await app.get(AppTasks).runInScope((tasks) => {
      for (let task = 0; task < tasksPerScope; task += 1) {
        tasks.afterRoute.of(BenchTasks).run(...ARGUMENTS);
      }
    });
    least = Math.min(least, statements);
  }
  await app.close();
  await pool.end();
  return least;
}

/** Enqueues jobs as the application does, with encoded arguments. */
function add(
  engine: DurableEngine,
  count: number,
  queues: readonly string[],
): Promise<unknown> {
  return engine.enqueue(
    Array.from({ length: count }, (_, n) =>
      dataOf(n, queues, engine.codec.encode(ARGUMENTS, 'bench.task')),
    ),
  );
}
