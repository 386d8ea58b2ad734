import * as Sentry from '@sentry/node';
import type { TaskErrorHandler, TaskInterceptorFunction } from 'nestjs-tasks';

/** For the option `interceptors`: what a task adds to its scope stays there. */
export const isolateTask: TaskInterceptorFunction = (task, next) =>
  Sentry.withIsolationScope((scope) => {
    scope.setTag('task', task.name);
    scope.setContext('task', { id: task.id, attempt: task.attempt });
    return next();
  });

/** For the option `onError`: one exception for each final failure. */
export const reportTask: TaskErrorHandler = (_task, error) => {
  Sentry.captureException(error);
};

/**
 * For the `interceptors` of a recurring task: a check-in of each attempt, under the name of
 * the task with dashes.
 */
export function monitorTask(
  schedule: NonNullable<Parameters<typeof Sentry.withMonitor>[2]>,
): TaskInterceptorFunction {
  return (task, next) =>
    Sentry.withMonitor(task.name.replaceAll('.', '-'), next, schedule);
}
