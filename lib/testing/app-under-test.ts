import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { TaskError } from '../core/base/task-error.js';
import {
  TasksHost,
  type HostedTasks,
  type TasksMode,
} from '../nest/module/tasks-host.js';

/** What `TasksModule` has created in an application, and the mode of its tasks. */
export interface AppUnderTest extends HostedTasks {
  readonly mode: TasksMode | undefined;
}

/** @throws TaskError (`TASKS_MODULE_MISSING`) when the application has no `TasksModule` */
export function appUnderTest(app: INestApplicationContext): AppUnderTest {
  // `app.get(TasksHost)` could end the process when there is no such provider.
  const modules = app.get(ModulesContainer, { strict: false });
  for (const module of modules.values()) {
    const host: unknown = module.providers.get(TasksHost)?.instance;
    if (host instanceof TasksHost && host.hosted) {
      return { ...host.hosted, mode: host.mode };
    }
  }
  throw new TaskError(
    'TASKS_MODULE_MISSING',
    'TasksTester.for(app) found no TasksModule in the application. Import TasksModule.forRoot() in the root module of the ' +
      'application, or of the testing module.',
  );
}
