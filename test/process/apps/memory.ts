import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { Controller, Get, Module, Param, Req, Res } from '@nestjs/common';
import {
  AppTasks,
  currentTask,
  Tasks,
  TasksModule,
  type Task,
  type TaskOptions,
  type TaskPhase,
} from '../../../lib/index.js';
import type { AdapterName } from './adapter.js';
import { answer } from './answer.js';
import { gate } from './gates.js';
import { listen } from './listen.js';

export interface MemoryOptions {
  readonly adapter: AdapterName;
  /** No limits, for as many requests as come. */
  readonly soak?: boolean;
}

/** How the task of a request ends. */
export type End =
  | 'success'
  | 'success, and the task is kept'
  | 'failure'
  | 'failure with a handler'
  | 'retries'
  | 'timeout'
  | 'timeout, and the work hangs on'
  | 'cancel while it runs'
  | 'cancel while it waits'
  | 'external signal'
  | 'skip'
  | 'drop'
  | 'scheduled by a task';

const { adapter, soak } = JSON.parse(process.argv[2] ?? '{}') as MemoryOptions;

/** A task and one that it schedules. */
const CONCURRENCY = 2;

/** What is watched, by what it is and which request it belongs to. */
const watched = new Map<string, WeakRef<object>>();

/** Outlives every request, as the signal of an application's own shutdown does. */
const external = new AbortController();

/** Kept by the application for good; it shows that the watch works. */
const kept: unknown[] = [{}];
watched.set('kept', new WeakRef(Object(kept[0])));

/** Who keeps a task, or work that hangs on, keeps the task itself, but nothing else of its request. */
const isKept: ReadonlySet<End> = new Set([
  'success, and the task is kept',
  'timeout, and the work hangs on',
]);

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error('The child needs --expose-gc.');
  gc();
}

function watch(request: string, parts: Record<string, object>): void {
  for (const [part, value] of Object.entries(parts)) {
    watched.set(`${request}: ${part}`, new WeakRef(value));
  }
}

async function fail(_payload: object): Promise<never> {
  await setImmediate();
  throw new Error('fails');
}

function hangOn(): Promise<never> {
  const work = new Promise<never>(() => {});
  kept.push(work);
  return work;
}

/** Schedules the task that ends so; `payload` is reachable from its closure and its arguments. */
function scheduleEnding(
  end: End,
  phase: TaskPhase,
  tasks: Tasks,
  payload: object,
): Task {
  const moment = phase === 'immediate' ? tasks : tasks[phase];
  const onError = (task: Task, error: Error) => [task, error, payload];
  const named = (options: TaskOptions) =>
    moment.task({ name: end, ...options });
  switch (end) {
    case 'success':
      return named({}).schedule(async (it) => {
        await setImmediate();
        return [it, payload];
      }, payload);
    case 'failure':
      return named({}).schedule(fail, payload);
    case 'failure with a handler':
      return named({ onError }).schedule(fail, payload);
    case 'retries':
      return named({
        retries: 2,
        backoff: { type: 'fixed', delay: 1 },
      }).schedule(fail, payload);
    case 'success, and the task is kept': {
      const task = named({}).schedule(setImmediate);
      kept.push(task, task.settled());
      return task;
    }
    case 'timeout':
      return named({ timeout: 2 }).schedule(
        (_it) => new Promise(() => payload),
        payload,
      );
    case 'timeout, and the work hangs on':
      return named({ timeout: 2 }).schedule(hangOn);
    case 'cancel while it runs':
      return named({}).schedule((_it) => {
        currentTask().cancel();
        return new Promise(() => payload);
      }, payload);
    case 'cancel while it waits': {
      const task = named({}).schedule(fail, payload);
      task.cancel();
      return task;
    }
    case 'external signal':
      return named({ signal: external.signal }).schedule(fail, payload);
    case 'skip':
      return named({ runOn: 'failure' }).schedule(fail, payload);
    case 'drop':
      return named({ onError }).schedule(fail, payload);
    case 'scheduled by a task':
      return named({}).schedule(async (it) => {
        await setImmediate();
        tasks.afterResponse.task({ name: 'child' }).schedule(fail, it);
      }, payload);
  }
}

@Controller()
class MemoryController {
  constructor(private readonly appTasks: AppTasks) {}

  @Get('watch/:phase/:end')
  watch(
    @Param('phase') phase: TaskPhase,
    @Param('end') end: End,
    @Req() request: { readonly raw?: object },
    @Res({ passthrough: true }) response: { readonly raw?: object },
    @Tasks() tasks: Tasks,
  ): string {
    const payload = { end };
    const task = scheduleEnding(end, phase, tasks, payload);
    watch(`${phase}, ${end}`, {
      request: request.raw ?? request,
      response: response.raw ?? response,
      tasks,
      payload,
      ...(isKept.has(end) ? {} : { task }),
    });
    return 'watched';
  }

  /** Takes the slots that there are, so that other tasks are dropped. */
  @Get('block')
  async block(): Promise<string> {
    for (let slot = 0; slot < CONCURRENCY; slot += 1) {
      await this.appTasks.schedule(gate, 'unblock').started();
    }
    return 'blocked';
  }

  /** One task of each moment. */
  @Get('soak')
  soak(@Tasks() tasks: Tasks): string {
    const payload = { text: 'payload' };
    tasks.schedule(soaked, payload);
    tasks.afterRoute.schedule(soaked, payload);
    tasks.afterResponse
      .task({ retries: 1, timeout: '1m', onError: () => payload })
      .schedule(soaked, payload);
    return 'soaked';
  }
}

async function soaked(payload: { text: string }): Promise<string> {
  await setImmediate();
  return payload.text;
}

/** How the tasks ended, by the phase and name of each. */
const outcomes: Record<string, string> = {};

@Module({
  imports: [
    TasksModule.forRoot({
      concurrency: CONCURRENCY,
      maxPending: 0,
      observers: [
        ({ type, task }) => (outcomes[`${task.phase}, ${task.name}`] = type),
      ],
    }),
  ],
  controllers: [MemoryController],
})
class WatchedModule {}

@Module({
  imports: [TasksModule.forRoot()],
  controllers: [MemoryController],
})
class SoakedModule {}

const app = await listen(soak ? SoakedModule : WatchedModule, adapter);

answer('idle', () => app.get(AppTasks).idle());
answer('stats', () => app.get(AppTasks).stats);

/** What of the requests so far is still reachable. */
answer('alive', async () => {
  await app.get(AppTasks).idle();
  const alive = () =>
    [...watched].filter(([, ref]) => ref.deref()).map(([what]) => what);
  // Some of it takes a few turns: sockets close, weak callbacks run.
  for (let turn = 0; turn < 20 && alive().length > 0; turn += 1) {
    await setImmediate();
    collectGarbage();
  }
  return { watched: watched.size, alive: alive(), outcomes };
});

/** How full the heap is with garbage gone. */
answer('heap', async () => {
  await app.get(AppTasks).idle();
  for (let turn = 0; turn < 4; turn += 1) {
    await setImmediate();
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
});
