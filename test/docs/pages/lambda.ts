import { AsyncLocalStorage } from 'node:async_hooks';
import type { TasksModuleOptions } from 'nestjs-tasks';

const invocation = new AsyncLocalStorage<Promise<unknown>[]>();

/** For `TasksModule.forRoot()`: collects the work of an invocation. */
export const collectWork: TasksModuleOptions['waitUntil'] = (work) => {
  invocation.getStore()?.push(work);
};

/** Wraps the handler of a function, which is frozen as soon as it has returned. */
export function waitForTasks<Event, Result>(
  handler: (event: Event) => Promise<Result>,
): (event: Event) => Promise<Result> {
  return (event) =>
    invocation.run([], async () => {
      const result = await handler(event);
      await Promise.allSettled(invocation.getStore() ?? []);
      return result;
    });
}
