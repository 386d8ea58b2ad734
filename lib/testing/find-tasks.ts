import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { TaskError } from '../core/errors.js';
import { TasksHost, type HostedTasks } from '../nest/tasks-host.js';
import type { TasksMode } from '../nest/tasks.tokens.js';

export interface TestedTasks extends HostedTasks {
  readonly mode: TasksMode | undefined;
}

/**
 * The tasks of an application.
 *
 * @throws TaskError (`TASKS_MODULE_MISSING`) when it has none
 */
export function findTasks(app: INestApplicationContext): TestedTasks {
  // Asked for a provider that it does not have, an application may end the process.
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
