import { availableParallelism } from 'node:os';
import { toMilliseconds, type Duration } from '../base/duration.js';
import { TaskInvalidOptionError } from '../base/errors.js';
import type { TaskObserver } from '../task/task-event.js';
import type { TaskInterceptors } from '../task/task-interceptor.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { OnError, TaskOptions } from '../task/task.js';
import {
  aBoolean,
  aCount,
  aDuration,
  aFunction,
  aLimit,
  anErrorHandler,
  checkOptions,
  interceptors,
  optionGroup,
  refuse,
  type OptionCheck,
} from './check-options.js';
import { mergeTaskOptions } from './merge-task-options.js';
import { taskDefaults } from './task-option-checks.js';

/**
 * How tasks behave in one application.
 *
 * @publicApi
 */
export interface TaskSettings {
  /**
   * The error handlers of every task that has none of its own: one or several,
   * functions or injectable classes with `handle(task, error)`.
   */
  onError?: OnError | undefined;
  /**
   * Wrap every attempt of every task that runs in this process, the outermost first:
   * functions, or injectable classes with `intercept(task, next)`. Work that was passed
   * to `waitUntil()` is already running, and is not wrapped.
   *
   * @default none
   */
  interceptors?: TaskInterceptors | undefined;
  /** The options that every task starts from; those of the call win, key by key. */
  defaults?:
    | Omit<
        TaskOptions,
        | 'name'
        | 'signal'
        | 'durable'
        | 'key'
        | 'transaction'
        | 'delay'
        | 'at'
        | 'priority'
        | 'queue'
      >
    | undefined;
  /**
   * Whether, and for how long, the response waits for after-route tasks. After the
   * timeout the response is sent, the tasks continue, and one warning is logged.
   *
   * @default { await: true, timeout: '10s' }
   */
  afterRoute?:
    { await?: boolean | undefined; timeout?: Duration | undefined } | undefined;
  /**
   * How many tasks may run at once in this application; further ones wait, first
   * come first served.
   *
   * @default Infinity
   */
  concurrency?: number | undefined;
  /**
   * How many tasks may wait for a slot (so it needs `concurrency`). Any further task
   * settles as `dropped` with `TaskBacklogFullError`, and its error handlers are called.
   *
   * @default Infinity
   */
  maxPending?: number | undefined;
  /**
   * For how long shielded tasks may continue when the application shuts down, and for
   * how long tasks may react to their signal after that.
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
   * The worker threads of `nestjs-tasks/threads`: the maximum number, and how long an
   * idle one is kept.
   *
   * @default { max: one less than the CPUs, at least 1; idleTimeout: '10s' }
   */
  threads?:
    | { max?: number | undefined; idleTimeout?: Duration | undefined }
    | undefined;
  /** Receive every event of every task. */
  observers?: readonly TaskObserver[] | undefined;
  /**
   * Called once for each scope, when the first task is scheduled in it, with a promise
   * that resolves when all its work has settled, error handlers included, and never
   * rejects. For platforms that freeze the process after the response unless they are
   * given a promise to wait for.
   */
  waitUntil?: ((promise: Promise<void>) => void) | undefined;
}

/** The options that every task of a phase starts from. */
export type PhaseDefaults = Readonly<Record<TaskPhase, Readonly<TaskOptions>>>;

/**
 * Which tasks of a route its response waits for. Applications use `required` or
 * `afterRoute`; `nothing` is for tests.
 */
export type AwaitedByResponse = 'nothing' | 'required' | 'afterRoute';

export interface AfterRouteSettings {
  readonly awaited: AwaitedByResponse;
  /** How long the response waits for after-route tasks that are not required; may be Infinity. */
  readonly timeoutMs: number;
}

export interface ShutdownSettings {
  /** For how long shielded tasks may continue. */
  readonly gracePeriodMs: number;
  /** For how long tasks may react to their signal, after that. */
  readonly abortPeriodMs: number;
}

/** The worker threads of an application. */
export interface ThreadSettings {
  readonly max: number;
  readonly idleTimeoutMs: number;
}

/** The settings of an application, checked and complete. */
export interface ResolvedTaskSettings {
  readonly onError: OnError | undefined;
  readonly defaults: PhaseDefaults;
  readonly afterRoute: AfterRouteSettings;
  readonly concurrency: number | undefined;
  readonly maxPending: number | undefined;
  readonly shutdown: ShutdownSettings;
  readonly threads: ThreadSettings;
  readonly observers: readonly TaskObserver[];
  readonly waitUntil: ((promise: Promise<void>) => void) | undefined;
}

const observers: OptionCheck = (value, option) => {
  if (!Array.isArray(value)) refuse(option, 'an array of functions', value);
  for (const observer of value as unknown[]) {
    aFunction(observer, `${option}[]`);
  }
};

const CHECKS = {
  onError: anErrorHandler,
  interceptors,
  defaults: taskDefaults,
  afterRoute: optionGroup({ await: aBoolean, timeout: aDuration }),
  concurrency: aLimit(1),
  maxPending: aLimit(0),
  shutdown: optionGroup({ gracePeriod: aDuration, abortPeriod: aDuration }),
  threads: optionGroup({ max: aCount(1), idleTimeout: aDuration }),
  observers,
  waitUntil: aFunction,
} satisfies Record<keyof TaskSettings, OptionCheck>;

/**
 * The settings, read once.
 *
 * @throws TaskInvalidOptionError for unknown options and invalid values
 */
export function checkTaskSettings<S extends TaskSettings>(
  given: S,
  what: string,
  more: Readonly<Record<string, OptionCheck>> = {},
): S {
  const settings = checkOptions(given, { ...CHECKS, ...more }, what) as S;
  if (settings.maxPending !== undefined && settings.concurrency === undefined) {
    throw new TaskInvalidOptionError(
      '`maxPending` limits the tasks that wait for a slot, so it needs `concurrency`. Set both, or neither.',
    );
  }
  return settings;
}

/** Fills in the defaults of checked settings. */
export function resolveTaskSettings(
  settings: TaskSettings,
): ResolvedTaskSettings {
  const { afterRoute, shutdown, threads } = settings;
  // Only an after-route task can be required; for other phases the default is meaningless.
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
