import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { AppTasks, type TaskEvent } from 'nestjs-tasks';
import { AppModule } from '../app.module.js';
import { Database } from '../database/database.js';
import type { PgliteDatabase } from '../database/pglite-database.js';
import { OrdersController } from '../orders/orders.controller.js';
import type { AppMessage, AppRequest, Moment } from './app-message.js';
import { wallClock } from './wall-clock.js';

/**
 * The process of the application: what `main.ts` does, and measurements around
 * it, which go to the parent.
 */
process.once('disconnect', () => process.exit(1));
watchHandler();
const app = await NestFactory.create(
  AppModule.forRoot({ observers: [tellOfTask] }),
  { logger: ['warn', 'error'] },
);
app.enableShutdownHooks();
app.use(watchResponse);
const database = app.get<PgliteDatabase>(Database);
watchClosing(database);
process.on('message', answerTo);
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;
tell({ type: 'listening', port });

function tell(message: AppMessage): void {
  process.send?.(message);
}

function tellOf(type: Moment): void {
  tell({ type, at: wallClock() });
}

function tellOfTask(event: TaskEvent): void {
  const at = wallClock();
  const { id, name, phase, response } = event.task;
  const why =
    'error' in event
      ? event.error.message
      : 'reason' in event
        ? String(event.reason)
        : undefined;
  tell({
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

/** From outside, because an interceptor would see the result only after the after-route tasks. */
function watchHandler(): void {
  const prototype = OrdersController.prototype;
  const { create } = prototype;
  prototype.create = async function (...args) {
    tellOf('handlerBegan');
    try {
      return await create.apply(this, args);
    } finally {
      tellOf('handlerReturned');
    }
  };
  for (const key of Reflect.getMetadataKeys(create) as unknown[]) {
    const value: unknown = Reflect.getMetadata(key, create);
    Reflect.defineMetadata(key, value, prototype.create);
  }
}

function watchResponse(
  { method }: Request,
  response: Response,
  next: NextFunction,
): void {
  if (method === 'POST') {
    response.once('finish', () => tellOf('responseEnded'));
    response.once('close', () => {
      if (!response.writableFinished) tellOf('connectionLost');
    });
  }
  next();
}

function watchClosing(closing: PgliteDatabase): void {
  const close = closing.onModuleDestroy.bind(closing);
  closing.onModuleDestroy = () => {
    tellOf('databaseClosing');
    return close();
  };
}

let releaseDatabase = () => {};

function answerTo(request: AppRequest): void {
  switch (request) {
    case 'tellWhenIdle':
      void app
        .get(AppTasks)
        .idle()
        .then(() => tell({ type: 'idle' }));
      return;
    case 'holdDatabase':
      void database.transaction(async () => {
        tell({ type: 'databaseHeld' });
        await new Promise<void>((resolve) => (releaseDatabase = resolve));
      });
      return;
    case 'releaseDatabase':
      return releaseDatabase();
  }
}
