import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import {
  aBoolean,
  refuse,
  type OptionCheck,
} from '../../core/options/check-options.js';
import {
  checkTaskSettings,
  type TaskSettings,
} from '../../core/options/task-settings.js';
import type { TaskTelemetry } from '../../core/task/task-telemetry.js';
import type { ContextPropagation } from '../../durable/context-propagation.js';
import type { DurableEngine } from '../../durable/durable-engine.js';

/**
 * The options of `TasksModule.forRoot()`.
 *
 * @publicApi
 */
export interface TasksModuleOptions extends TaskSettings {
  /**
   * Whether `currentTasks()` works. It adds to the cost of every request: an interceptor
   * on each handler, and an `AsyncLocalStorage`.
   *
   * @default false
   */
  ambient?: boolean | undefined;
  /**
   * Stores durable tasks and distributes them to workers: `bullmqEngine()` of
   * `nestjs-tasks/bullmq`, `pgBossEngine()` of `nestjs-tasks/pg-boss`, or an adapter of
   * your own.
   *
   * @default none: tasks live in this process
   */
  engine?: DurableEngine | undefined;
  /**
   * Links a durable task, wherever it runs, to the request that scheduled it, for example
   * by a trace or correlation id. What is captured travels with the task.
   *
   * @default nothing travels
   */
  propagation?: ContextPropagation | undefined;
  /**
   * Traces and measures every task, wherever it runs: `openTelemetry()` of
   * `nestjs-tasks/opentelemetry`.
   *
   * @default none
   */
  telemetry?: TaskTelemetry | undefined;
}

/**
 * Creates the options of `TasksModule.forRootAsync({ useClass })`.
 *
 * @publicApi
 */
export interface TasksOptionsFactory {
  /** Called once, when the module is created; when it fails, so does bootstrap. */
  createTasksOptions(): TasksModuleOptions | Promise<TasksModuleOptions>;
}

/**
 * Where the module can be used, beside its options.
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

const CHECKS = {
  ambient: aBoolean,
  engine: objectWith('an engine, such as bullmqEngine() or pgBossEngine()', [
    'start',
    'enqueue',
    'cancel',
    'pause',
    'stop',
  ]),
  propagation: objectWith('an object with capture() and restore()', [
    'capture',
    'restore',
  ]),
  telemetry: objectWith('telemetry, such as openTelemetry()', [
    'intercept',
    'observe',
    'send',
    'receive',
    'watch',
  ]),
} satisfies Record<string, OptionCheck>;

/**
 * The options, read once.
 *
 * @throws TaskInvalidOptionError for options that the module cannot use
 */
export function checkModuleOptions(
  options: TasksModuleOptions,
  what: string,
  more: Readonly<Record<string, OptionCheck>> = {},
): TasksModuleOptions {
  return checkTaskSettings(options, what, { ...CHECKS, ...more });
}

/** The keys in which two sets of options differ: data by value, functions and classes by identity. */
export function differingOptions(a: object, b: object): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter(
    (key) => !isSame(Reflect.get(a, key), Reflect.get(b, key)),
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isData(a) || !isData(b) || Array.isArray(a) !== Array.isArray(b)) {
    return false;
  }
  return differingOptions(a, b).length === 0;
}

function isData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    Array.isArray(value) || prototype === Object.prototype || prototype === null
  );
}

/** Checks for an object that has these methods. */
function objectWith(what: string, methods: readonly string[]): OptionCheck {
  return (value, option) => {
    const object = Object(value) as Record<string, unknown>;
    if (methods.some((method) => typeof object[method] !== 'function')) {
      refuse(option, what, value);
    }
  };
}
