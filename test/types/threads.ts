/** Compile-time cases: this file is checked by `tsc`, and never run. */
import type { Task, Tasks } from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';
import { check, type Equal } from './equal.js';

declare const tasks: Tasks;
declare const url: URL;
declare function resize(path: string, size?: number): Buffer;
declare function resizeSoon(path: string): Promise<Buffer>;

// A function with the same parameters, and a promise of the result.
const thumbnail = inThread<typeof resize>(url, 'resize');
check<
  Equal<typeof thumbnail, (path: string, size?: number) => Promise<Buffer>>
>();
const promised = inThread<typeof resizeSoon>(url);
check<Equal<typeof promised, (path: string) => Promise<Buffer>>>();

const task = tasks.schedule(thumbnail, '/a.jpg', 320);
check<Equal<typeof task, Task<[string, number], Buffer>>>();
tasks.schedule(thumbnail, '/a.jpg');
inThread<typeof resize>('/srv/app/resize.js');

// @ts-expect-error an argument of the wrong type
void thumbnail('/a.jpg', '320');
// @ts-expect-error a missing argument
void thumbnail();
// @ts-expect-error an argument of the wrong type
tasks.schedule(thumbnail, 42);
// @ts-expect-error a missing argument
tasks.schedule(thumbnail);
// @ts-expect-error a missing argument, in another phase
tasks.afterResponse.schedule(thumbnail);
// @ts-expect-error too many arguments
tasks.schedule(thumbnail, '/a.jpg', 320, true);
// @ts-expect-error the function itself, which would run on the main thread
inThread(resize);
// @ts-expect-error a number, which is not a module
inThread(5);
// @ts-expect-error not a function
inThread<Buffer>(url);
