/** Compile-time cases: this file is checked by `tsc`, and never run. */
import type {
  ConfigurableTaskScheduler,
  Task,
  TaskPhaseScheduler,
  Tasks,
  TaskScheduler,
} from 'nestjs-tasks';
import { check, use, type Equal } from './equal.js';

declare const tasks: Tasks;
declare function send(to: string): Promise<number>;

// Every phase schedules, configures and cancels alike.
for (const phase of [tasks, tasks.afterRoute, tasks.afterResponse]) {
  check<Equal<ReturnType<typeof phase.cancel>, number>>();
  const task = phase
    .task({ name: 'a' })
    .task({ retries: 1 })
    .schedule(send, 'a');
  check<Equal<typeof task, Task<[string], number>>>();
  phase.cancel('a');
  // @ts-expect-error by the whole name
  phase.cancel(/a/);
  // @ts-expect-error all at once
  phase.cancel();
  // @ts-expect-error no options at all
  phase.task();
}

// A configured phase schedules, and does no more.
const configured = tasks.task({ retries: 1 });
check<Equal<typeof configured, ConfigurableTaskScheduler>>();
// @ts-expect-error options belong to one phase
use(configured.afterResponse);
// @ts-expect-error names belong to a whole phase
configured.cancel('a');
// @ts-expect-error a phase of a phase
use(tasks.afterRoute.afterResponse);
// @ts-expect-error the phases are read-only
tasks.afterRoute = tasks.afterResponse;

// A function that needs less can declare less.
const onlySchedules: TaskScheduler = tasks.afterRoute;
const configurable: ConfigurableTaskScheduler = tasks.afterRoute;
const phase: TaskPhaseScheduler = tasks;
// @ts-expect-error and gets no more
onlySchedules.task({});
// @ts-expect-error a phase is not all the tasks of a request
const all: Tasks = phase;
use(configurable, all);

// Work that is already running.
const followed = tasks.waitUntil(send('a'), { shield: true });
check<Equal<typeof followed, Task<[], number>>>();
const nested = tasks.waitUntil(Promise.resolve({ deep: Promise.resolve(1) }));
check<Equal<typeof nested, Task<[], { deep: Promise<number> }>>>();
// @ts-expect-error a function is not a promise
tasks.waitUntil(() => send('a'));
// @ts-expect-error nor is a value
tasks.waitUntil(42);
// @ts-expect-error an unknown option
tasks.waitUntil(send('a'), { retry: 3 });
// @ts-expect-error it runs now, not after something
tasks.afterResponse.waitUntil(send('a'));
