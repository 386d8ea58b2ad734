import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppTasks, currentTask, Task, TasksModule } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';
import type { DeployRun, ToStore } from './crash-deploy.js';

const {
  REDIS_URL,
  DATABASE_URL,
  RUNS_FILE = '',
  VERSION,
  IS_WEB,
} = process.env;

function note(number: number): void {
  const { attempt, name } = currentTask();
  const run: DeployRun = { name, number, attempt, atMs: Date.now() };
  appendFileSync(RUNS_FILE, `${JSON.stringify(run)}\n`);
}

@Injectable()
class OldTasks {
  @Task('known', { durable: true })
  known(number: number) {
    note(number);
  }
}

@Injectable()
class NewTasks {
  @Task('fresh', { durable: true })
  fresh(number: number) {
    note(number);
  }
}

const worker = IS_WEB ? (false as const) : {};

@Module({
  imports: [
    TasksModule.forRoot({
      engine: REDIS_URL
        ? bullmqEngine({ connection: { url: REDIS_URL }, worker })
        : pgBossEngine({ connectionString: DATABASE_URL, worker }),
    }),
  ],
  providers: VERSION === 'new' ? [OldTasks, NewTasks] : [OldTasks],
})
class DeployModule {}

const app = await NestFactory.createApplicationContext(DeployModule);
app.enableShutdownHooks();
process.on('message', (message) => {
  const { numbers } = message as ToStore;
  const tasks = app.get(AppTasks);
  for (const number of numbers) {
    tasks.of(OldTasks).known(number);
    tasks.of(NewTasks).fresh(number);
  }
});
process.send?.({ ready: true });
