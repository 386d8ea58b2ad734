import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import {
  Controller,
  Get,
  Module,
  Param,
  Sse,
  type MessageEvent,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import {
  currentTask,
  Tasks,
  TasksModule,
  type TaskPhase,
} from '../../../lib/index.js';
import type { AdapterName } from './adapter.js';
import { gate } from './gates.js';
import { listen } from './listen.js';
import { report } from './report.js';
import { reportTask } from './task-reports.js';

export interface ContextsOptions {
  readonly adapter: AdapterName;
}

interface Context {
  readonly request: string;
  /** Set around one call of `schedule()`. */
  readonly call?: string;
}

const contexts = new AsyncLocalStorage<Context>();

/** Reports the context here; it should be that of the call that scheduled. */
function tell(where: string): void {
  const { request, call } = contexts.getStore() ?? {};
  const { name, attempt } = currentTask();
  report({
    is: 'step',
    by: name,
    what: `${where} ${attempt}: ${request} ${call}`,
  });
}

async function work(): Promise<never> {
  tell('start');
  await setTimeout(1);
  tell('later');
  throw new Error('tried');
}

/** Two attempts, and a handler. */
function schedule(tasks: Tasks, phase: TaskPhase, call: string): void {
  const context = contexts.getStore();
  if (!context) throw new Error('The middleware sets a context.');
  const moment = phase === 'immediate' ? tasks : tasks[phase];
  contexts.run({ ...context, call }, () =>
    moment
      .task({
        name: `${context.request} ${phase} ${call}`,
        retries: 1,
        backoff: { type: 'fixed', delay: 1 },
        runOn: 'always',
        onError: async () => {
          tell('handler');
          await setTimeout(1);
          tell('handler later');
        },
      })
      .schedule(work),
  );
}

function scheduleAll(tasks: Tasks, when: string): void {
  for (const phase of ['immediate', 'afterRoute', 'afterResponse'] as const) {
    schedule(tasks, phase, `${when} a`);
    schedule(tasks, phase, `${when} b`);
  }
}

@Controller()
class ContextsController {
  @Get('plain/:request')
  async plain(@Tasks() tasks: Tasks): Promise<string> {
    scheduleAll(tasks, 'first');
    await setTimeout(1);
    scheduleAll(tasks, 'then');
    return 'answered';
  }

  /** The client leaves while it waits at the gate. */
  @Get('abandoned/:request')
  async abandoned(
    @Param('request') request: string,
    @Tasks() tasks: Tasks,
  ): Promise<string> {
    scheduleAll(tasks, 'first');
    report({ is: 'step', by: request, what: 'waits' });
    await gate(request);
    scheduleAll(tasks, 'then');
    return 'nobody listens';
  }

  @Sse('stream/:request')
  stream(@Tasks() tasks: Tasks): Observable<MessageEvent> {
    scheduleAll(tasks, 'first');
    return new Observable((subscriber) => {
      scheduleAll(tasks, 'then');
      subscriber.next({ data: 'one' });
    });
  }
}

@Module({
  imports: [
    // Few slots, so that most tasks wait for one.
    TasksModule.forRoot({ concurrency: 3, observers: [reportTask] }),
  ],
  controllers: [ContextsController],
})
class ContextsModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(
        (
          { url, originalUrl }: IncomingMessage & { originalUrl?: string },
          _response: unknown,
          next: () => void,
        ) => {
          const request = (originalUrl ?? url ?? '').split('/').at(-1) ?? '';
          contexts.run({ request }, next);
        },
      )
      .forRoutes('*path');
  }
}

const { adapter } = JSON.parse(process.argv[2] ?? '{}') as ContextsOptions;
await listen(ContextsModule, adapter);
