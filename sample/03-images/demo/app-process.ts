import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { AppTasks, type TaskEvent } from 'nestjs-tasks';
import { finalize } from 'rxjs';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import type {
  AppMessage,
  Moment,
} from '../../02-registration/demo/app-message.js';
import { AppModule } from '../app.module.js';
import { Database } from '../database/database.js';
import type { PgliteDatabase } from '../database/pglite-database.js';

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
app.use(({ method }: Request, response: Response, next: NextFunction) => {
  if (method === 'POST') {
    response.once('finish', () => tellOf('responseEnded'));
  }
  next();
});
app.useGlobalInterceptors({
  intercept: (context, next) => {
    if (context.switchToHttp().getRequest<Request>().method !== 'POST') {
      return next.handle();
    }
    tellOf('handlerBegan');
    return next.handle().pipe(finalize(() => tellOf('handlerReturned')));
  },
});
watchClosing(app.get<PgliteDatabase>(Database));
// The only thing that the demo asks.
process.on('message', () => {
  void app
    .get(AppTasks)
    .idle()
    .then(() => tell({ type: 'idle' }));
});
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
  const { id, name, attempt } = event.task;
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
    attempt,
    ...(why !== undefined && { why }),
  });
}

function watchClosing(closing: PgliteDatabase): void {
  const close = closing.onModuleDestroy.bind(closing);
  closing.onModuleDestroy = () => {
    tellOf('databaseClosing');
    return close();
  };
}
