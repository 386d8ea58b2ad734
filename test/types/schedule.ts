/** Compile-time cases: this file is checked by `tsc`, and never run. */
import type { Task, TaskOutcome, Tasks } from 'nestjs-tasks';
import { check, use, type Equal } from './equal.js';

declare const tasks: Tasks;

declare function send(to: string, copies?: number): Promise<{ id: string }>;
declare function sendAll(subject: string, ...to: string[]): Promise<void>;
declare function generic<T>(value: T): T[];
declare function overloaded(id: number): Promise<number>;
declare function overloaded(id: string): Promise<string>;
declare function assertPaid(order: unknown): asserts order is { paid: true };

// A task has the arguments and the result of its function.
const sent = tasks.schedule(send, 'a@example.com', 2);
check<Equal<typeof sent, Task<[string, number], { id: string }>>>();
check<
  Equal<ReturnType<typeof sent.settled>, Promise<TaskOutcome<{ id: string }>>>
>();
check<Equal<ReturnType<typeof sent.run>, Promise<{ id: string }>>>();
check<Equal<typeof sent.args, Readonly<[string, number]>>>();

// Functions of every shape.
tasks.schedule(send, 'a@example.com');
tasks.schedule(sendAll, 'Hello');
tasks.schedule(sendAll, 'Hello', 'a@example.com', 'b@example.com');
tasks.schedule(generic<number>, 1);
tasks.schedule(assertPaid, {});
tasks.schedule(() => {});
tasks.schedule(() => send('a@example.com'));
tasks.schedule((to: string) => send(to), 'a@example.com');
tasks.schedule(async (signal: AbortSignal) => signal.aborted, sent.signal);
tasks.schedule(Math.max, 1, 2, 3);
tasks.schedule(send.bind(null, 'a@example.com'), 2);

// Of an overloaded function, the last signature is used.
check<Equal<ReturnType<typeof byString.run>, Promise<string>>>();
const byString = tasks.schedule(overloaded, '1');
// @ts-expect-error an earlier overload
tasks.schedule(overloaded, 1);

// Methods are functions; a class is not called.
const mailer = { host: 'localhost', send };
tasks.schedule(mailer.send, 'a@example.com');
// @ts-expect-error a property that is not a function
tasks.schedule(mailer.host);
// @ts-expect-error a class
tasks.schedule(Date, 1);
// @ts-expect-error the name of a function
tasks.schedule('send', 'a@example.com');
// @ts-expect-error nothing
tasks.schedule();
// @ts-expect-error a value that may be undefined
tasks.schedule(undefined as typeof send | undefined, 'a@example.com');

// @ts-expect-error an argument of the wrong type
tasks.schedule(send, 42);
// @ts-expect-error an argument of the wrong type, after one of the right type
tasks.schedule(send, 'a@example.com', '2');
// @ts-expect-error a missing argument
tasks.schedule(send);
// @ts-expect-error one argument too many
tasks.schedule(send, 'a@example.com', 1, true);
// @ts-expect-error a rest argument of the wrong type
tasks.schedule(sendAll, 'Hello', 'a@example.com', 2);
// @ts-expect-error the arguments as a list
tasks.schedule(send, ['a@example.com']);
// @ts-expect-error a promise is not a function
tasks.schedule(send('a@example.com'));
// @ts-expect-error options are passed to task(), not after the function
tasks.schedule(() => {}, { retries: 3 });

// @ts-expect-error a task is not a promise
sent.then(() => {});
// @ts-expect-error the arguments of a task are read-only
sent.args[0] = 'b@example.com';
// @ts-expect-error so are its options
sent.options.retries = 3;
// @ts-expect-error and its status
sent.status = 'failed';
// @ts-expect-error there is a response only after the response
use(sent.response.statusCode);

// Tasks of any kind can be kept together, and distinguished by their result.
const all: Task[] = [sent, byString];
const numbers: Task<unknown[], number>[] = [];
// @ts-expect-error the result of another type
numbers.push(sent);
all.push(...numbers);
