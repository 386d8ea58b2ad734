/**
 * `nestjs-tasks/dashboard`: one page that shows the tasks of an application, live, behind
 * its own guards.
 *
 * @packageDocumentation
 */
export type {
  TasksDashboardAccess,
  TasksDashboardAsyncOptions,
  TasksDashboardOptions,
  TasksDashboardOptionsFactory,
} from './tasks-dashboard-options.js';
export { TasksDashboardModule } from './tasks-dashboard.module.js';
export type { ShowArguments, ShownTask } from './visible-arguments.js';
