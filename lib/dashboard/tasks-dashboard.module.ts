import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
} from '@nestjs/common';
import { Dashboard, DASHBOARD_OPTIONS } from './dashboard.js';
import { dashboardController } from './dashboard-controller.js';
import {
  checkAccess,
  checkDashboardOptions,
  type TasksDashboardAccess,
  type TasksDashboardAsyncOptions,
  type TasksDashboardOptions,
} from './tasks-dashboard-options.js';

const { ConfigurableModuleClass: OptionsModule } =
  new ConfigurableModuleBuilder<TasksDashboardOptions>({
    moduleName: 'TasksDashboard',
    optionsInjectionToken: DASHBOARD_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTasksDashboardOptions')
    .build();

/**
 * One page that shows the tasks of the application, live, behind its own guards. It needs
 * `TasksModule`.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     TasksModule.forRoot(),
 *     TasksDashboardModule.forRoot({ path: 'tasks', guards: [AdminGuard] }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({})
export class TasksDashboardModule {
  /**
   * The dashboard with these options.
   *
   * @throws TaskInvalidOptionError without `guards`, unless it is `public`, and for unknown
   * options and invalid values
   */
  static forRoot(
    options: TasksDashboardOptions & TasksDashboardAccess,
  ): DynamicModule {
    const what = 'The options of TasksDashboardModule.forRoot()';
    const {
      path,
      guards,
      public: isPublic,
      hosts,
      imports,
      ...others
    } = checkDashboardOptions(options, what, true);
    const access = { path, guards, public: isPublic, hosts, imports };
    return withPage(OptionsModule.forRoot(others), access, what);
  }

  /**
   * The dashboard with options that a provider creates, which may inject other providers.
   *
   * @throws TaskInvalidOptionError without `guards`, unless it is `public`
   */
  static forRootAsync(options: TasksDashboardAsyncOptions): DynamicModule {
    const what = 'The options of TasksDashboardModule.forRootAsync()';
    return withPage(OptionsModule.forRootAsync(options), options, what);
  }
}

function withPage(
  definition: DynamicModule,
  access: TasksDashboardAccess,
  what: string,
): DynamicModule {
  checkAccess(access, what);
  const { path = 'tasks', guards = [], imports = [] } = access;
  // Guards see the credentials, which no other site has.
  const hosts = access.hosts ?? (guards.length === 0 ? [] : undefined);
  return {
    ...definition,
    module: TasksDashboardModule,
    imports: [...new Set([...(definition.imports ?? []), ...imports])],
    controllers: [dashboardController(path, guards, hosts)],
    providers: [...(definition.providers ?? []), Dashboard],
  };
}
