// One way to make the thumbnails, measured in a process of its own.
import 'reflect-metadata';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { AppTasks, TasksModule } from 'nestjs-tasks';
import { inThread } from 'nestjs-tasks/threads';
import { createThumbnail, createThumbnailBySharp } from './thumbnail.js';

/** @typedef {(path: string, width: number) => Promise<Uint8Array>} Thumbnail */

/** @param {string} name */
function onThread(name) {
  const url = new URL('./thumbnail.js', import.meta.url);
  return /** @type {Thumbnail} */ (inThread(url, name));
}

/** @type {Record<string, Thumbnail | undefined>} */
const WAYS = {
  nothing: undefined,
  'main thread': createThumbnail,
  threads: onThread('createThumbnail'),
  'main thread, by sharp alone': createThumbnailBySharp,
  'threads, by sharp alone': onThread('createThumbnailBySharp'),
};

const COUNT = 8;
const WIDTH = 320;

const [way = '', path = '', max = ''] = process.argv.slice(2);
const thumbnail = WAYS[way];
const app = await NestFactory.createApplicationContext(
  TasksModule.forRoot(max ? { threads: { max: Number(max) } } : {}),
  { logger: ['error', 'warn'] },
);
const tasks = app.get(AppTasks);

/** @param {number} count */
async function make(count) {
  if (!thumbnail) return pause(1_000);
  const scheduled = Array.from({ length: count }, () =>
    tasks.schedule(thumbnail, path, WIDTH),
  );
  for (const task of scheduled) {
    const outcome = await task.settled();
    if (outcome.status !== 'succeeded') throw new Error(outcome.status);
  }
}

// Not measured: this compiles the code and starts the threads.
await make(2);
await pause(200);

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const start = performance.now();
await make(COUNT);
const tookMs = performance.now() - start;
delay.disable();

const inMs = (/** @type {number} */ ns) => ns / 1e6;
process.stdout.write(
  JSON.stringify({
    tookMs,
    p50: inMs(delay.percentile(50)),
    p99: inMs(delay.percentile(99)),
    max: inMs(delay.max),
  }),
);
await app.close();
