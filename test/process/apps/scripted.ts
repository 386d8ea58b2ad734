import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import {
  Body,
  Controller,
  Get,
  Module,
  Post,
  Query,
  Sse,
  type INestApplication,
  type INestApplicationContext,
  type MessageEvent,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Observable } from 'rxjs';
import {
  AppTasks,
  Tasks,
  TasksModule,
  type TasksModuleOptions,
} from '../../../lib/index.js';
import { adapterOf, type AdapterName } from './adapter.js';
import { FeatureModule, GlobalModule, RootConnection } from './connections.js';
import { gate, listenForGates } from './gates.js';
import { report, reportEscapes } from './report.js';
import { ReportingLogger } from './reporting-logger.js';
import { reportTask } from './task-reports.js';
import { play, scheduleAll, type Stage, type Step } from './script.js';

/** How the application of a test is set up. */
export interface ScriptedOptions {
  /** `none`: an application context without HTTP. */
  readonly adapter: AdapterName | 'none';
  readonly tasks?: Pick<
    TasksModuleOptions,
    'shutdown' | 'concurrency' | 'maxPending' | 'defaults'
  >;
  /** Leaves `TasksModule` out, and all that uses it. */
  readonly withoutTasks?: boolean;
  /** Whether to listen for signals; the default is yes. */
  readonly shutdownHooks?: boolean;
  readonly forceCloseConnections?: boolean;
  /** What the application does once it is up, outside of requests. */
  readonly atStart?: readonly Step[];
}

let application: INestApplicationContext;

function stageOf(tasks: Stage['tasks']): Stage {
  return { tasks, closeApplication: () => application.close() };
}

@Controller()
class PlainController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }

  @Get('plain/endless')
  endless(): Promise<never> {
    return new Promise(() => {});
  }
}

@Controller()
class ScriptedController {
  @Post('play')
  async play(
    @Tasks() tasks: Tasks,
    @Body() steps: readonly Step[],
  ): Promise<string> {
    await play(stageOf(tasks), 'handler', steps);
    return 'played';
  }

  /** A stream of one event and no end. */
  @Sse('events')
  events(
    @Tasks() tasks: Tasks,
    @Query('shield') shield?: string,
  ): Observable<MessageEvent> {
    scheduleAll(stageOf(tasks), [
      {
        name: 'after the stream',
        phase: 'afterResponse',
        shield: shield !== undefined,
        steps: ['look'],
      },
    ]);
    return new Observable((subscriber) => subscriber.next({ data: 'first' }));
  }
}

const options = JSON.parse(process.argv[2] ?? '{}') as ScriptedOptions;

@Module(
  options.withoutTasks
    ? {
        imports: [FeatureModule, GlobalModule],
        controllers: [PlainController],
        providers: [RootConnection],
      }
    : {
        imports: [
          FeatureModule,
          GlobalModule,
          TasksModule.forRoot({ ...options.tasks, observers: [reportTask] }),
        ],
        controllers: [PlainController, ScriptedController],
        providers: [RootConnection],
      },
)
class ScriptedModule {}

reportEscapes();
listenForGates();
const logger = new ReportingLogger();

if (options.adapter === 'none') {
  application = await NestFactory.createApplicationContext(ScriptedModule, {
    logger,
  });
  hooks();
  // Without a server there is nothing else that keeps the process alive.
  const alive = setInterval(() => {}, 60_000);
  void gate('close').then(() => clearInterval(alive));
  report({ is: 'listening', url: '' });
} else {
  const app: INestApplication = await NestFactory.create(
    ScriptedModule,
    await adapterOf(options.adapter),
    {
      logger,
      forceCloseConnections: options.forceCloseConnections ?? false,
    },
  );
  application = app;
  hooks();
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  report({ is: 'listening', url: `http://127.0.0.1:${port}` });
}

void gate('close').then(() => application.close());

if (options.atStart) {
  const stage = stageOf(application.get(AppTasks));
  await play(stage, 'start', options.atStart);
}

function hooks(): void {
  if (options.shutdownHooks ?? true) application.enableShutdownHooks();
}
