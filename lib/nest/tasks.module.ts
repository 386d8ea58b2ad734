import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { aBoolean } from '../core/check-options.js';
import { AppTasks } from './app-tasks.js';
import { checkModuleOptions } from './check-module-options.js';
import { TasksHost, type HostedTasks } from './tasks-host.js';
import type {
  TasksModuleAsyncOptions,
  TasksModuleExtras,
  TasksModuleOptions,
} from './tasks-module-options.js';
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
} from './tasks.module-definition.js';
import { TasksService } from './tasks.service.js';
import { TASK_SCOPES } from './tasks.tokens.js';

/**
 * Background work tied to the response. Import `TasksModule.forRoot()` once, in
 * the root module.
 *
 * @example
 * ```ts
 * @Module({ imports: [TasksModule.forRoot({ concurrency: 50 })] })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({ providers: [TasksHost], exports: [TasksHost] })
export class TasksModule {
  /**
   * The module with these options; global unless `isGlobal` is `false`. Importing
   * it again with equal options is the same as importing it once.
   *
   * @throws TaskInvalidOptionError for unknown options and values that cannot be used
   */
  static forRoot(
    options: TasksModuleOptions & TasksModuleExtras = {},
  ): DynamicModule {
    checkModuleOptions(options, 'The options of TasksModule.forRoot()', {
      isGlobal: aBoolean,
    });
    return TasksRootModule.forRoot(options);
  }

  /** The module with options that are made by a provider, which may use others. */
  static forRootAsync(options: TasksModuleAsyncOptions): DynamicModule {
    return TasksRootModule.forRootAsync(options);
  }
}

/** The tasks of the application, and what of them is injected. */
const HOSTED_TASKS = Symbol('nestjs-tasks:hosted');

const providers: Provider[] = [
  {
    provide: HOSTED_TASKS,
    inject: [TasksHost, MODULE_OPTIONS_TOKEN],
    useFactory: (host: TasksHost, options: TasksModuleOptions) =>
      host.open(options),
  },
  {
    provide: TASK_SCOPES,
    inject: [HOSTED_TASKS],
    useFactory: ({ scopes }: HostedTasks) => scopes,
  },
  {
    provide: AppTasks,
    inject: [HOSTED_TASKS],
    useFactory: ({ appTasks }: HostedTasks) => appTasks,
  },
  TasksService,
];

/**
 * What `forRoot` returns. It imports the class `TasksModule`, whose one instance
 * holds the tasks however often this one is made, and which tests can override.
 */
@Module({
  imports: [TasksModule],
  providers,
  exports: [TASK_SCOPES, AppTasks, TasksService],
})
class TasksRootModule extends ConfigurableModuleClass {}
