import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import {
  AppTasks,
  type TaskEvent,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { Database } from '../database/database.js';
import {
  wallClock,
  type AppMessage,
  type AppRequest,
  type Method,
  type Moment,
  type Watched,
  type WatchedApp,
} from './app-message.js';

/**
 * Runs the application of any sample as its `main.ts` does, with measurements around
 * it, which it reports to the parent process.
 */
process.once('disconnect', () => process.exit(1));
const { sample, watch = {} } = JSON.parse(process.argv[2] ?? '') as WatchedApp;
for (const [name, methods] of Object.entries(watch)) {
  for (const method of methods) await watchMethod(name as Watched, method);
}
const { AppModule } = (await import(`../${sample}/app.module.js`)) as {
  AppModule: { forRoot(options: TasksModuleOptions): DynamicModule };
};
const app = await NestFactory.create(
  AppModule.forRoot({ observers: [reportTask] }),
  { logger: ['warn', 'error'] },
);
app.enableShutdownHooks();
app.use(watchResponse);
const database = app.get(Database);
watchClosing(database);
process.on('message', (request: AppRequest) => {
  void answer(request).then(() => report({ type: 'done' }));
});
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;
report({ type: 'listening', port });

function report(message: AppMessage): void {
  process.send?.(message);
}

function reportMoment(type: Moment): void {
  report({ type, at: wallClock() });
}

function reportTask(event: TaskEvent): void {
  const at = wallClock();
  const { id, name, phase, response } = event.task;
  const why =
    'error' in event
      ? event.error.message
      : 'reason' in event
        ? String(event.reason)
        : undefined;
  report({
    type: 'task',
    at,
    event: event.type,
    id,
    name,
    phase,
    ...(why !== undefined && { why }),
    ...(response && { delivered: response.delivered }),
  });
}

/** Wraps the method itself, because an interceptor sees the result only after the after-route tasks. */
async function watchMethod(
  name: Watched,
  [file, className, method]: Method,
): Promise<void> {
  type Methods = Record<string, (...args: unknown[]) => unknown>;
  const module = (await import(`../${sample}/${file}`)) as Readonly<
    Record<string, { prototype: Methods }>
  >;
  const prototype = module[className]!.prototype;
  const original = prototype[method]!;
  const wrapped = async function (this: unknown, ...args: unknown[]) {
    reportMoment(`${name}Began`);
    try {
      return await original.apply(this, args);
    } finally {
      reportMoment(`${name}Ended`);
    }
  };
  for (const key of Reflect.getMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), wrapped);
  }
  prototype[method] = wrapped;
}

function watchResponse(
  { method }: Request,
  response: Response,
  next: NextFunction,
): void {
  if (method === 'POST') {
    reportMoment('requestReceived');
    response.once('finish', () => reportMoment('responseEnded'));
    response.once('close', () => {
      if (!response.writableFinished) reportMoment('connectionLost');
    });
  }
  next();
}

function watchClosing(closing: Database): void {
  const close = closing.onApplicationShutdown.bind(closing);
  closing.onApplicationShutdown = () => {
    reportMoment('databaseClosing');
    return close();
  };
}

let releaseDatabase = () => {};

async function answer(request: AppRequest): Promise<void> {
  if (typeof request === 'object') {
    await database.query(request.sql);
    return;
  }
  switch (request) {
    case 'waitUntilIdle':
      return app.get(AppTasks).idle();
    case 'holdDatabase':
      return new Promise((held) => {
        void database.transaction(async () => {
          const released = new Promise<void>((resolve) => {
            releaseDatabase = resolve;
          });
          held();
          await released;
        });
      });
    case 'releaseDatabase':
      return releaseDatabase();
  }
}
