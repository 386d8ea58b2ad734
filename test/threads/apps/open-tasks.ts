import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AppTasks,
  TasksModule,
  type TasksModuleOptions,
} from '../../../lib/index.js';

/** An application without a server. */
export async function openTasks(options: TasksModuleOptions) {
  @Module({ imports: [TasksModule.forRoot(options)] })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: ['error'],
  });
  return { app, tasks: app.get(AppTasks) };
}

/** Tells the test. */
export function report(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
