import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue } from 'bullmq';
import { Task, TasksModule, type DurableEngine } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import {
  ARGUMENTS,
  CONCURRENCY,
  Countdown,
  dataOf,
  inHundreds,
  type EncodingQueue,
} from './measured-queue.js';

const countdown = new Countdown();

@Injectable()
class BenchTasks {
  @Task('bench.task', { durable: true })
  run(..._args: readonly unknown[]): void {
    countdown.count();
  }
}

/** The engine, and an application whose worker runs its jobs. */
export async function tasksQueue(
  url: string,
  prefix: string,
  queues: readonly string[] = ['default'],
): Promise<EncodingQueue> {
  const connection = { url };
  const worker = {
    queues: Object.fromEntries(queues.map((name) => [name, CONCURRENCY])),
  };
  const engineOf = (queue: string, isWorker: boolean) =>
    bullmqEngine({ connection, prefix, queue, worker: isWorker && worker });
  const stored = engineOf('tasks-stored', false);
  const run = engineOf('tasks-run', true);

  @Module({
    imports: [TasksModule.forRoot({ engine: run })],
    providers: [BenchTasks],
  })
  class BenchModule {}
  const app = await NestFactory.createApplicationContext(BenchModule, {
    logger: ['error', 'warn'],
  });
  const encoded = stored.codec.encode(ARGUMENTS, 'bench.task');
  const queue = new Queue('tasks-stored', { connection, prefix });
  return {
    async store(count) {
      await add(stored, count, ['default'], () => encoded);
    },
    async encodeAndStore(count) {
      await add(stored, count, ['default']);
    },
    forget: () => queue.drain(),
    storeAndRun: (count) =>
      countdown.from(count, async () => {
        await inHundreds(count, (size) => add(run, size, queues));
      }),
    async close() {
      await Promise.all([
        app.close(),
        run.stop(1_000),
        stored.stop(1_000),
        queue.close(),
      ]);
    },
  };
}

/** Enqueues jobs as the application does. */
function add(
  engine: DurableEngine,
  count: number,
  queues: readonly string[],
  encode = () => engine.codec.encode(ARGUMENTS, 'bench.task'),
): Promise<unknown> {
  return engine.enqueue(
    Array.from({ length: count }, (_, n) => dataOf(n, queues, encode())),
  );
}
