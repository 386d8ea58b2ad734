import type { Task, Tasks } from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';

// Compile-time cases: each @ts-expect-error is a mistake that must not compile.

declare const tasks: Tasks;
declare function createThumbnail(
  path: string,
  size?: number,
): Promise<{ width: number }>;

const url = new URL('file:///thumbnail.js');
const thumbnail = inThread<typeof createThumbnail>(url, 'createThumbnail');
const checksum = inThread<(data: Uint8Array) => number>(url);

// What comes back has the arguments of the function, and a promise of its result.
const made: Promise<{ width: number }> = thumbnail('a.jpg', 320);
const sum: Promise<number> = checksum(new Uint8Array(1));
void [made, sum];

// A scheduled one has its types too.
const task: Task<[path: string, size?: number], { width: number }> =
  tasks.schedule(thumbnail, 'a.jpg');
void task;

// @ts-expect-error -- the size is a number
void thumbnail('a.jpg', '320');
// @ts-expect-error -- the path is missing
void thumbnail();
// @ts-expect-error -- the size is a number
tasks.schedule(thumbnail, 'a.jpg', '320');
// @ts-expect-error -- the path is missing
tasks.afterResponse.schedule(thumbnail);
// @ts-expect-error -- it takes no third argument
tasks.schedule(thumbnail, 'a.jpg', 320, true);
// @ts-expect-error -- a number is no module
inThread(5);
// @ts-expect-error -- not a function
inThread<{ width: number }>(url);
