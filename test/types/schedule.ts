/** Compile-time cases: this file is checked by `tsc`, and never run. */
import { of, type Observable } from 'rxjs';
import type {
  Task,
  TaskOutcome,
  Tasks,
  TasksModuleOptions,
} from 'nestjs-tasks';

declare const tasks: Tasks;

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;
function check<_Proof extends true>(): void {}

declare function send(to: string, copies?: number): Promise<{ id: string }>;
declare function generic<T>(value: T): T[];

// What a task comes to is unwrapped.
const sent = tasks.schedule(send, 'a@example.com', 2);
check<Equal<typeof sent, Task<[string, number], { id: string }>>>();
const watched = tasks.afterRoute.schedule((): Observable<number> => of(1));
check<Equal<typeof watched, Task<[], number>>>();
const later = tasks.afterResponse.schedule(async () => of('x'));
check<Equal<typeof later, Task<[], string>>>();
const lazily = tasks.schedule((): PromiseLike<boolean> =>
  Promise.resolve(true),
);
check<Equal<typeof lazily, Task<[], boolean>>>();
const followed = tasks.waitUntil(Promise.resolve(42));
check<Equal<typeof followed, Task<[], number>>>();
check<
  Equal<ReturnType<typeof sent.settled>, Promise<TaskOutcome<{ id: string }>>>
>();

// Optional parameters may be left out; generic functions work.
tasks.schedule(send, 'a@example.com');
tasks.schedule(generic<number>, 1);
tasks.task({ name: 'x' }).task({ retries: 1 }).schedule(send, 'a@example.com');

// @ts-expect-error an argument of the wrong type
tasks.schedule(send, 42);
// @ts-expect-error a missing argument
tasks.schedule(send);
// @ts-expect-error one argument too many
tasks.schedule(send, 'a@example.com', 1, true);
// @ts-expect-error a promise is no function
tasks.schedule(send('a@example.com'));
// @ts-expect-error a function is no promise
tasks.waitUntil(() => Promise.resolve());
// @ts-expect-error an unknown option
tasks.task({ retry: 3 });
// @ts-expect-error a duration of an unknown unit
tasks.task({ timeout: '10 parsecs' });
// @ts-expect-error a task is no promise
sent.then(() => {});
// @ts-expect-error the arguments of a task are read-only
sent.args[0] = 'b@example.com';
// @ts-expect-error a handler's first argument is the task
tasks.task({ onError: (error: Error) => error });
// @ts-expect-error names and signals belong to a task, not to an application
({ defaults: { name: 'x' } }) satisfies TasksModuleOptions;

// With `exactOptionalPropertyTypes`, options may be computed.
declare const maybe: { timeout?: number; name: string | undefined };
tasks.task({ timeout: maybe.timeout, name: maybe.name, signal: undefined });
({ onError: undefined, defaults: undefined }) satisfies TasksModuleOptions;
