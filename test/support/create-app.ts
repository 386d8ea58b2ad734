import type { AddressInfo } from 'node:net';
import {
  Module,
  type INestApplication,
  type INestApplicationContext,
  type NestApplicationOptions,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppTasks, TasksModule, type TasksModuleOptions } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import type { Platform } from './platforms.js';
import { RecordingLogger } from './recording-logger.js';

export interface ClientRequest extends Omit<RequestInit, 'headers'> {
  readonly headers?: Record<string, string>;
}

export interface TestApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly log: RecordingLogger;
  readonly tasks: AppTasks;
  /** Records from its first use on, so that other applications run unobserved. */
  readonly tester: TasksTester;
  /** A request of a client that closes its connection afterwards. */
  request(path: string, init?: ClientRequest): Promise<Response>;
}

export interface TestAppOptions extends ModuleMetadata {
  /** Of `TasksModule`; `false` leaves the module out. */
  readonly tasks?: TasksModuleOptions | false;
  readonly instrument?: NestApplicationOptions['instrument'];
  /** `false` leaves the process without listeners for signals. */
  readonly shutdownHooks?: false;
  readonly configure?: (app: INestApplication) => unknown;
}

const running: INestApplication[] = [];

/** A listening application with `TasksModule`, closed by {@link closeApps}. */
export async function createApp(
  platform: Platform,
  { tasks, configure, shutdownHooks, instrument, ...metadata }: TestAppOptions,
): Promise<TestApp> {
  const imports = [...(metadata.imports ?? [])];
  if (tasks !== false) imports.push(TasksModule.forRoot(tasks));

  @Module({ ...metadata, imports })
  class TestModule {}

  const log = new RecordingLogger();
  const app = await NestFactory.create(TestModule, platform.adapter(), {
    logger: log,
    abortOnError: false,
    ...(instrument && { instrument }),
  });
  if (shutdownHooks !== false) app.enableShutdownHooks(['SIGTERM']);
  await configure?.(app);
  running.push(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  let tester: TasksTester | undefined;
  return {
    app,
    url,
    log,
    get tester() {
      return (tester ??= TasksTester.for(app));
    },
    tasks: tasks === false ? (undefined as never) : app.get(AppTasks),
    request: (path, init) =>
      fetch(url + path, {
        ...init,
        headers: { connection: 'close', ...init?.headers },
      }),
  };
}

/** Closes an application that may not be closed twice, such as one with GraphQL on NestJS 11. */
export async function closeApp(app: INestApplicationContext): Promise<void> {
  const index = running.findIndex((each) => each === app);
  if (index !== -1) running.splice(index, 1);
  await app.close();
}

export async function closeApps(): Promise<void> {
  await Promise.all(running.splice(0).map((app) => app.close()));
}
