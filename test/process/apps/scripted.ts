import 'reflect-metadata';
import {
  Body,
  Controller,
  Get,
  Module,
  Post,
  Query,
  Sse,
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
import type { AdapterName } from './adapter.js';
import { FeatureModule, GlobalModule, RootConnection } from './connections.js';
import { gate } from './gates.js';
import { listen, obeyTheTest } from './listen.js';
import { report } from './report.js';
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
  /** Adds a listener that ends the process at SIGTERM, whatever else is going on. */
  readonly exitsAtSignal?: boolean;
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

if (options.exitsAtSignal) process.on('SIGTERM', () => process.exit(0));

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

if (options.adapter === 'none') {
  obeyTheTest();
  application = await NestFactory.createApplicationContext(ScriptedModule, {
    logger: new ReportingLogger(),
  });
  application.enableShutdownHooks();
  // Without a server there is nothing else that keeps the process alive.
  const alive = setInterval(() => {}, 60_000);
  void gate('close').then(() => {
    clearInterval(alive);
    return application.close();
  });
  report({ is: 'listening', url: '' });
} else {
  application = await listen(ScriptedModule, options.adapter, options);
}

if (options.atStart) {
  const stage = stageOf(application.get(AppTasks));
  await play(stage, 'start', options.atStart);
}
