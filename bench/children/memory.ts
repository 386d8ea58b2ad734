/**
 * The heap that pending tasks use, and that settled ones leave behind, in a process of
 * its own with `--expose-gc`: `memory.js <case> <tasks>`.
 */
import 'reflect-metadata';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AppTasks, TasksModuleOptions } from 'nestjs-tasks';
import { tasksOnly } from '../apps/tasks-only.module.js';
import { work } from '../apps/work.js';

export interface MemoryUse {
  readonly type: 'memory';
  readonly bytes: number;
}

export type MemoryCase = keyof typeof CASES;

const never = new Promise<void>(() => {});

/** Each returns the bytes that all of the tasks use. */
const CASES = {
  /** The tasks wait for their response. */
  async held(count: number): Promise<number> {
    const tasks = await usedTasks();
    return tasks.runInScope(async (scope) => {
      scope.afterResponse.schedule(work, 0);
      return growth(() => {
        for (let id = 0; id < count; id += 1) {
          scope.afterResponse.schedule(work, id);
        }
      });
    });
  },
  /** The tasks are due, and wait for a slot. */
  async waiting(count: number): Promise<number> {
    const tasks = await usedTasks({ concurrency: 1 });
    tasks.schedule(() => never);
    await nextTurn();
    return growth(() => {
      for (let id = 0; id < count; id += 1) tasks.schedule(work, id);
    });
  },
  /** The tasks run, and await something. */
  async running(count: number): Promise<number> {
    const tasks = await usedTasks();
    return growth(async () => {
      for (let id = 0; id < count; id += 1) tasks.schedule(() => never);
      while (tasks.stats.running < count) await nextTurn();
    });
  },
  /** The tasks have settled. */
  async settled(count: number): Promise<number> {
    const tasks = await usedTasks();
    const run = async (many: number) => {
      for (let made = 0; made < many; made += 50) {
        await tasks.runInScope((scope) => {
          for (let id = 0; id < 25; id += 1) {
            scope.schedule(work, id);
            scope.afterResponse.schedule(work, id);
          }
        });
        await tasks.idle();
      }
    };
    await run(count / 10);
    return growth(() => run(count));
  },
};

/** The first task enables the bookkeeping that Node.js does for each later one. */
async function usedTasks(options?: TasksModuleOptions): Promise<AppTasks> {
  const tasks = await tasksOnly(options);
  await tasks.schedule(work, 0).settled();
  return tasks;
}

async function growth(grow: () => void | Promise<void>): Promise<number> {
  const before = await heapUsed();
  await grow();
  return (await heapUsed()) - before;
}

async function heapUsed(): Promise<number> {
  // An object released in a callback is only collected after the callback.
  for (let times = 0; times < 3; times += 1) {
    await nextTurn();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

function isCase(name: string): name is MemoryCase {
  return Object.hasOwn(CASES, name);
}

const [name = '', count] = process.argv.slice(2);
if (!isCase(name)) throw new Error(`There is no case "${name}".`);
const use: MemoryUse = {
  type: 'memory',
  bytes: await CASES[name](Number(count)),
};
process.send?.(use, () => process.exit());
