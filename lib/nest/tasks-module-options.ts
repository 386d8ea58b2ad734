import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { DurableEngine } from '../engine/durable-engine.js';
import type { ContextPropagation } from '../engine/context-propagation.js';
import type { TaskSettings } from '../core/task-settings.js';

/**
 * The options of `TasksModule.forRoot()`.
 *
 * @publicApi
 */
export interface TasksModuleOptions extends TaskSettings {
  /**
   * Whether `currentTasks()` works. It costs every request: an interceptor on each
   * handler, and an `AsyncLocalStorage`.
   *
   * @default false
   */
  ambient?: boolean | undefined;
  /**
   * What stores durable tasks, and has workers run them: `bullmqEngine()` of
   * `nestjs-tasks/bullmq`, `pgBossEngine()` of `nestjs-tasks/pg-boss`, or an adapter of
   * your own.
   *
   * @default none: tasks live in this process
   */
  engine?: DurableEngine | undefined;
  /**
   * Links a durable task, wherever it runs, to the request that scheduled it: by a trace
   * id, a correlation id or the like. What is captured travels with the task.
   *
   * @default nothing travels
   */
  propagation?: ContextPropagation | undefined;
}

/**
 * Makes the options of `TasksModule.forRootAsync({ useClass })`.
 *
 * @publicApi
 */
export interface TasksOptionsFactory {
  /** Is called once, when the module is made; when it fails, so does bootstrap. */
  createTasksOptions(): TasksModuleOptions | Promise<TasksModuleOptions>;
}

/**
 * What says where the module can be used, beside its options.
 *
 * @publicApi
 */
export interface TasksModuleExtras {
  /**
   * Whether every module sees `TasksModule` without importing it.
   *
   * @default true
   */
  isGlobal?: boolean | undefined;
}

/**
 * The options of `TasksModule.forRootAsync()`: one of `useFactory` (with
 * `inject`), `useClass` and `useExisting`.
 *
 * @publicApi
 */
export type TasksModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TasksModuleOptions,
  'createTasksOptions'
> &
  TasksModuleExtras;
