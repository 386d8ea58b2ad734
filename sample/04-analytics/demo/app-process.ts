import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { AppTasks, type TaskEvent } from 'nestjs-tasks';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import { AppModule } from '../app.module.js';
import { Database } from '../database/database.js';
import type { PgliteDatabase } from '../database/pglite-database.js';
import { BatchFallback } from '../tracking/batch-fallback.js';
import type { AppMessage, AppRequest } from './app-message.js';

/**
 * The process of the application: what `main.ts` does, and measurements around
 * it, which go to the parent.
 */
process.once('disconnect', () => process.exit(1));
const app = await NestFactory.create(
  AppModule.forRoot({ observers: [tellOfTask] }),
  { logger: ['warn', 'error'] },
);
app.enableShutdownHooks();
const database = app.get<PgliteDatabase>(Database);
watchFallback(app.get(BatchFallback));
watchClosing(database);
process.on('message', (request: AppRequest) => {
  void answer(request).then(() => tell({ type: 'done' }));
});
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;
tell({ type: 'listening', port });

function tell(message: AppMessage): void {
  process.send?.(message);
}

function tellOfTask({ type: event, task: { id, name } }: TaskEvent): void {
  tell({ type: 'task', at: wallClock(), event, id, name });
}

function watchFallback(fallback: BatchFallback): void {
  const save = fallback.save.bind(fallback);
  fallback.save = async (...args) => {
    await save(...args);
    tell({ type: 'fellBack', at: wallClock() });
  };
}

function watchClosing(closing: PgliteDatabase): void {
  const close = closing.onApplicationShutdown.bind(closing);
  closing.onApplicationShutdown = () => {
    tell({ type: 'databaseClosing', at: wallClock() });
    return close();
  };
}

async function answer(request: AppRequest): Promise<void> {
  switch (request) {
    case 'waitUntilIdle':
      return app.get(AppTasks).idle();
    case 'breakDatabase':
      await database.query('ALTER TABLE analytics_events RENAME TO broken');
      return;
    case 'mendDatabase':
      await database.query('ALTER TABLE broken RENAME TO analytics_events');
      return;
  }
}
