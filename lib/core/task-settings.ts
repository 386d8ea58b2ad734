import { availableParallelism } from 'node:os';
import type { AfterRouteSettings } from './after-route-drain.js';
import {
  aBoolean,
  aCount,
  aDuration,
  aFunction,
  anErrorHandler,
  checkOptions,
  refuse,
  type OptionCheck,
} from './check-options.js';
import { taskDefaults } from './check-task-options.js';
import { toMilliseconds, type Duration } from './duration.js';
import { TaskInvalidOptionError } from './errors.js';
import type { ShutdownSettings } from './shutdown.js';
import type { TaskObserver } from './task-event.js';
import {
  mergeTaskOptions,
  type OnError,
  type TaskOptions,
} from './task-options.js';
import type { TaskPhase } from './task.js';

/**
 * How tasks behave in one application.
 *
 * @publicApi
 */
export interface TaskSettings {
  /**
   * The error handlers of every task that names none of its own: one or a list,
   * functions or injectable classes with `handle(task, error)`.
   */
  onError?: OnError | undefined;
  /** What the options of every task start from; what the call says wins, key by key. */
  defaults?:
    | Omit<TaskOptions, 'name' | 'signal' | 'durable' | 'key' | 'transaction'>
    | undefined;
  /**
   * Whether, and for how long, the response waits for after-route tasks. Past the
   * timeout the response goes out, the tasks go on, and one warning is logged.
   *
   * @default { await: true, timeout: '10s' }
   */
  afterRoute?:
    { await?: boolean | undefined; timeout?: Duration | undefined } | undefined;
  /**
   * How many tasks may run at once in this application; further ones wait, first
   * come first served.
   *
   * @default unlimited
   */
  concurrency?: number | undefined;
  /**
   * How many tasks may wait for a slot (so it needs `concurrency`). Beyond it a
   * task settles as `dropped` with `TaskBacklogFullError`, and its error handlers
   * are told.
   *
   * @default unlimited
   */
  maxPending?: number | undefined;
  /**
   * For how long shielded tasks may go on when the application shuts down, and
   * for how long tasks may react to their signal after that.
   *
   * @default { gracePeriod: '10s', abortPeriod: '1s' }
   */
  shutdown?:
    | {
        gracePeriod?: Duration | undefined;
        abortPeriod?: Duration | undefined;
      }
    | undefined;
  /**
   * The worker threads of `nestjs-tasks/threads`: how many there are at most, and
   * after how long without work one ends.
   *
   * @default { max: one less than the CPUs, at least 1; idleTimeout: '10s' }
   */
  threads?:
    | { max?: number | undefined; idleTimeout?: Duration | undefined }
    | undefined;
  /** Are told of every event of every task. */
  observers?: readonly TaskObserver[] | undefined;
  /**
   * Is called once for each unit of work, when the first task is scheduled in it, with
   * a promise that resolves when all its work has settled, error handlers included.
   * The promise never rejects. For platforms that freeze the process after the
   * response unless they are given what to wait for.
   */
  waitUntil?: ((promise: Promise<void>) => void) | undefined;
}

/** How the worker threads of an application are kept. */
export interface ThreadSettings {
  readonly max: number;
  readonly idleTimeoutMs: number;
}

/** The settings of an application, checked and complete. */
export interface ResolvedTaskSettings {
  readonly onError: OnError | undefined;
  readonly defaults: Readonly<Record<TaskPhase, Readonly<TaskOptions>>>;
  readonly afterRoute: AfterRouteSettings;
  readonly concurrency: number | undefined;
  readonly maxPending: number | undefined;
  readonly shutdown: ShutdownSettings;
  readonly threads: ThreadSettings;
  readonly observers: readonly TaskObserver[];
  readonly waitUntil: ((promise: Promise<void>) => void) | undefined;
}

const nested =
  (checks: Record<string, OptionCheck>): OptionCheck =>
  (value, option) =>
    checkOptions(value, checks, `The options of \`${option}\``);

const observers: OptionCheck = (value, option) => {
  if (!Array.isArray(value)) refuse(option, 'a list of functions', value);
  for (const observer of value as unknown[]) {
    aFunction(observer, `${option}[]`);
  }
};

const CHECKS = {
  onError: anErrorHandler,
  defaults: taskDefaults,
  afterRoute: nested({ await: aBoolean, timeout: aDuration }),
  concurrency: aCount(1),
  maxPending: aCount(0),
  shutdown: nested({ gracePeriod: aDuration, abortPeriod: aDuration }),
  threads: nested({ max: aCount(1), idleTimeout: aDuration }),
  observers,
  waitUntil: aFunction,
} satisfies Record<keyof TaskSettings, OptionCheck>;

/** @throws TaskInvalidOptionError for what can be no settings */
export function checkTaskSettings(
  settings: TaskSettings,
  what: string,
  more: Readonly<Record<string, OptionCheck>> = {},
): void {
  checkOptions(settings, { ...CHECKS, ...more }, what);
  if (settings.maxPending !== undefined && settings.concurrency === undefined) {
    throw new TaskInvalidOptionError(
      '`maxPending` limits the tasks that wait for a slot, so it needs `concurrency`. Set both, or neither.',
    );
  }
}

/** Fills in the defaults of checked settings. */
export function resolveTaskSettings(
  settings: TaskSettings,
): ResolvedTaskSettings {
  const { afterRoute, shutdown, threads } = settings;
  // Only a route can fail with a task: elsewhere the default means nothing.
  const { required: _required, ...elsewhere } = settings.defaults ?? {};
  return {
    onError: settings.onError,
    defaults: {
      immediate: mergeTaskOptions(elsewhere),
      afterRoute: mergeTaskOptions(settings.defaults),
      afterResponse: mergeTaskOptions(elsewhere),
    },
    afterRoute: {
      awaited: (afterRoute?.await ?? true) ? 'afterRoute' : 'required',
      timeoutMs: toMilliseconds(
        afterRoute?.timeout ?? '10s',
        'afterRoute.timeout',
      ),
    },
    concurrency: settings.concurrency,
    maxPending: settings.maxPending,
    shutdown: {
      gracePeriodMs: toMilliseconds(
        shutdown?.gracePeriod ?? '10s',
        'shutdown.gracePeriod',
      ),
      abortPeriodMs: toMilliseconds(
        shutdown?.abortPeriod ?? '1s',
        'shutdown.abortPeriod',
      ),
    },
    threads: {
      max: threads?.max ?? Math.max(1, availableParallelism() - 1),
      idleTimeoutMs: toMilliseconds(
        threads?.idleTimeout ?? '10s',
        'threads.idleTimeout',
      ),
    },
    observers: settings.observers ?? [],
    waitUntil: settings.waitUntil,
  };
}
