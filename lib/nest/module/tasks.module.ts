import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type Provider,
} from '@nestjs/common';
import { aBoolean } from '../../core/options/check-options.js';
import { AppTasks } from '../app-tasks.js';
import { StoredTasks } from '../stored-tasks.js';
import { ScopeFinder } from '../scopes/scope-finder.js';
import { TasksService } from '../tasks.service.js';
import { ShutdownHooks } from './shutdown-hooks.js';
import { TasksHost, type HostedTasks } from './tasks-host.js';
import {
  checkModuleOptions,
  type TasksModuleAsyncOptions,
  type TasksModuleExtras,
  type TasksModuleOptions,
} from './tasks-module-options.js';

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
@Module({})
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
    const what = 'The options of TasksModule.forRoot()';
    const checked = checkModuleOptions(options, what, { isGlobal: aBoolean });
    return withTasks(OptionsModule.forRoot(checked));
  }

  /** The module with options that a provider creates, which may inject other providers. */
  static forRootAsync(options: TasksModuleAsyncOptions): DynamicModule {
    return withTasks(OptionsModule.forRootAsync(options));
  }
}

/** Adds `forRoot()` and `forRootAsync()`. */
const { ConfigurableModuleClass: OptionsModule, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TasksModuleOptions>({ moduleName: 'Tasks' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTasksOptions')
    .setExtras<TasksModuleExtras>(
      { isGlobal: true },
      (definition, { isGlobal }) => ({
        ...definition,
        global: isGlobal ?? true,
      }),
    )
    .build();

const HOSTED_TASKS = Symbol('nestjs-tasks:hosted');

const providers: Provider[] = [
  {
    provide: HOSTED_TASKS,
    inject: [TasksHost, MODULE_OPTIONS_TOKEN],
    useFactory: (host: TasksHost, options: TasksModuleOptions) =>
      host.open(options),
  },
  {
    provide: ScopeFinder,
    inject: [HOSTED_TASKS],
    useFactory: ({ scopes }: HostedTasks) => scopes,
  },
  {
    provide: AppTasks,
    inject: [HOSTED_TASKS],
    useFactory: ({ appTasks }: HostedTasks) => appTasks,
  },
  {
    provide: StoredTasks,
    inject: [HOSTED_TASKS],
    useFactory: ({ stored }: HostedTasks) => stored,
  },
  TasksService,
];

/**
 * The part that exists once, however often the module is imported. It imports the class
 * `TasksModule`, which is empty, so that a test can put the mode of the tasks in its place.
 */
@Module({
  imports: [TasksModule],
  providers: [TasksHost, ShutdownHooks],
  exports: [TasksHost],
})
class TasksHostModule {}

/** Of the class `TasksModule`, so that a module that imports it can export the class. */
function withTasks(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    module: TasksModule,
    imports: [TasksHostModule, ...(definition.imports ?? [])],
    providers: [...providers, ...(definition.providers ?? [])],
    exports: [ScopeFinder, AppTasks, StoredTasks, TasksService],
  };
}
