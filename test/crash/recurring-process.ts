import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { currentTask, StoredTasks, Task, TasksModule } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import { recurringTasks, type Run } from './recurring-plan.js';

const { REDIS_URL, DATABASE_URL, RUNS_FILE = '' } = process.env;

/** Longest time that an occurrence takes. */
const LONGEST_MS = 300;

function taskOf([name, repeat]: ReturnType<
  typeof recurringTasks
>[number]): Type {
  @Injectable()
  class Recurring {
    @Task(name, { durable: true, repeat: { ...repeat, overlap: 'allow' } })
    async run() {
      const { scheduledFor, attempt } = currentTask();
      const dueMs = scheduledFor?.getTime() ?? NaN;
      const { pid } = process;
      const run: Run = { name, dueMs, attempt, pid, atMs: Date.now() };
      // What is written so is there whenever the process is killed.
      appendFileSync(RUNS_FILE, `${JSON.stringify(run)}\n`);
      await pause(LONGEST_MS * Math.random());
    }
  }
  return Recurring;
}

@Module({
  imports: [
    TasksModule.forRoot({
      engine: REDIS_URL
        ? bullmqEngine({ connection: { url: REDIS_URL } })
        : pgBossEngine({ connectionString: DATABASE_URL, maxConnections: 4 }),
    }),
  ],
  providers: recurringTasks().map(taskOf),
})
class RecurringModule {}

const app = await NestFactory.createApplicationContext(RecurringModule);
app.enableShutdownHooks();
// The bootstrap does not wait for long until all of them are stored.
const stored = app.get(StoredTasks);
while ((await stored.schedules()).length < recurringTasks().length) {
  await pause(100);
}
process.send?.({ ready: true });
