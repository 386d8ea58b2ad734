import {
  Module,
  type INestApplication,
  type ModuleMetadata,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TasksModule, type TasksModuleOptions } from 'nestjs-tasks';
import {
  TasksTester,
  TasksTestingModule,
  type TasksTesterOptions,
} from 'nestjs-tasks/testing';
import type { AddressInfo } from 'node:net';
import type { ClientRequest } from '../support/create-app.js';
import type { Platform } from '../support/platforms.js';
import { RecordingLogger } from '../support/recording-logger.js';

/** `real` does not replace `TasksModule`. */
export type Mode = 'real' | 'manual' | 'inline';
export const modes: readonly Mode[] = ['real', 'manual', 'inline'];

export interface TestedAppOptions extends ModuleMetadata {
  readonly mode?: Mode;
  readonly tasks?: TasksModuleOptions;
  readonly tester?: TasksTesterOptions;
  readonly configure?: (app: INestApplication) => unknown;
}

export interface SentResponse {
  readonly status: number;
  readonly body: string;
}

export interface TestedApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly log: RecordingLogger;
  readonly tester: TasksTester;
  /** Sends a request; resolves when the client has the whole response. */
  send(path: string, init?: ClientRequest): Promise<SentResponse>;
}

const running: INestApplication[] = [];

/** A listening application, created as in a test; closed by {@link closeTestedApps}. */
export async function createTestedApp(
  platform: Platform,
  {
    mode = 'real',
    tasks,
    tester,
    configure,
    ...metadata
  }: TestedAppOptions = {},
): Promise<TestedApp> {
  @Module({
    ...metadata,
    imports: [...(metadata.imports ?? []), TasksModule.forRoot(tasks)],
  })
  class AppModule {}

  const log = new RecordingLogger();
  const builder = Test.createTestingModule({ imports: [AppModule] });
  if (mode !== 'real') {
    builder
      .overrideModule(TasksModule)
      .useModule(TasksTestingModule.forRoot({ mode }));
  }
  const module = await builder.compile();
  const app = module.createNestApplication(platform.adapter(), { logger: log });
  app.enableShutdownHooks(['SIGTERM']);
  await configure?.(app);
  running.push(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    url,
    log,
    tester: TasksTester.for(app, tester),
    send: async (path, init) => {
      const response = await fetch(`${url}/${path}`, {
        ...init,
        headers: { connection: 'close', ...init?.headers },
      });
      return { status: response.status, body: await response.text() };
    },
  };
}

export async function closeTestedApps(): Promise<void> {
  await Promise.all(running.splice(0).map((app) => app.close()));
}
