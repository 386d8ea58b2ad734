/** Compile-time cases: this file is checked by `tsc`, and never run. */
import {
  currentTask,
  currentTasks,
  TasksService,
  type AppTasks,
  type Task,
  type Tasks,
  type TaskStats,
} from 'nestjs-tasks';
import { check, use, type Equal } from './equal.js';

declare const appTasks: AppTasks;
declare const service: TasksService;
declare function send(to: string): Promise<number>;

// The application schedules like a request, but has no phases.
const sent = appTasks.task({ retries: 1 }).schedule(send, 'a');
check<Equal<typeof sent, Task<[string], number>>>();
const followed = appTasks.waitUntil(send('a'));
check<Equal<typeof followed, Task<[], number>>>();
check<Equal<typeof appTasks.stats, TaskStats>>();
check<Equal<typeof appTasks.stats.running, number>>();
check<Equal<ReturnType<typeof appTasks.idle>, Promise<void>>>();
// @ts-expect-error an argument of the wrong type
appTasks.schedule(send, 1);
// @ts-expect-error there is no response
use(appTasks.afterResponse);
// @ts-expect-error a status that does not exist
use(appTasks.stats.done);
// @ts-expect-error the counts are read-only
appTasks.stats.running = 0;

// runInScope() returns what its function returns.
const value = appTasks.runInScope((tasks) => {
  check<Equal<typeof tasks, Tasks>>();
  tasks.afterRoute.schedule(send, 'a');
  return 42;
});
check<Equal<typeof value, Promise<number>>>();
const promised = appTasks.runInScope(async (tasks) => {
  await tasks.schedule(send, 'a').settled();
  return 'done';
});
check<Equal<typeof promised, Promise<string>>>();
const nothing = appTasks.runInScope(() => {});
check<Equal<typeof nothing, Promise<void>>>();
// @ts-expect-error an argument of the wrong type, inside
void appTasks.runInScope((tasks) => tasks.schedule(send, 1));
// @ts-expect-error a promise is not a function
void appTasks.runInScope(send('a'));
// @ts-expect-error the function gets the tasks only
void appTasks.runInScope((tasks: Tasks, more: string) => [tasks, more]);

// Injected tasks and looked-up tasks have the same interface.
const injected: Tasks = service;
const ambient: Tasks = currentTasks();
const current: Task = currentTask();
check<Equal<typeof current.args, Readonly<unknown[]>>>();
// @ts-expect-error the result of the calling task is not known
const result: Promise<number> = current.run();
use(injected, ambient, result);
