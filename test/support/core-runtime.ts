import type { ResolveReporter } from '../../lib/core/app/error-handlers.js';
import type { TaskEvent } from '../../lib/core/task/task-event.js';
import type { Log } from '../../lib/core/base/log.js';
import {
  TaskRuntime,
  type TaskRuntimeParts,
} from '../../lib/core/app/task-runtime.js';
import { Interceptors } from '../../lib/core/running/interceptors.js';
import { RouteScheduler } from '../../lib/core/scheduling/route-scheduler.js';
import type { Tasks } from '../../lib/core/scheduling/tasks.js';
import type { ResponseEnd, RouteEnd } from '../../lib/core/scope/route-end.js';
import { InlineRoute } from '../../lib/testing/inline-route.js';
import type { TaskSettings } from '../../lib/core/options/task-settings.js';
import type { Task } from '../../lib/core/task/task.js';
import { ManualClock } from './manual-clock.js';

/** A scope with one route, driven as the nest layer drives it. */
export interface UnitOfWork {
  routeStarted(): void;
  routeEnded(end: RouteEnd): Promise<void> | undefined;
  responseEnded(end: ResponseEnd): void;
  /** The handler is called again, in a route of its own; its tasks. */
  repeat(): Tasks;
}

/** Opens a scope, with its tasks. */
export function openUnitOfWork(runtime: TaskRuntime): TestScope {
  const scope = runtime.openScope();
  let current = scope.openRoute();
  const tasksOf = (route: typeof current) =>
    new RouteScheduler({
      app: runtime,
      route: () => route,
      context: () => undefined,
    });
  return {
    scope: {
      routeStarted: () => current.start(),
      routeEnded: (end) => current.end(end),
      responseEnded: (end) => scope.responseEnded(end),
      repeat: () => {
        current.repeat();
        current = scope.openRoute();
        return tasksOf(current);
      },
    },
    tasks: tasksOf(current),
  };
}

/** A scope, seen from both sides. */
export interface TestScope {
  readonly scope: UnitOfWork;
  readonly tasks: Tasks;
}

/** The core without a container: its own clock, log and observer. */
export interface CoreRuntime extends TestScope {
  readonly runtime: TaskRuntime;
  readonly clock: ManualClock;
  readonly log: RecordingLog;
  readonly events: readonly TaskEvent[];
  /** What happened to a task, in order. */
  story(task: Task): string[];
  openScope(): TestScope;
}

export interface CoreRuntimeParts {
  readonly log?: Log;
  readonly resolveReporter?: ResolveReporter;
  /** What responses wait for in the modes of the testing module; else what the settings say. */
  readonly waitsFor?: keyof typeof RESPONSES;
}

const RESPONSES = {
  nothing: { afterRoute: { awaited: 'nothing' } },
  everything: {
    afterRoute: { awaited: 'afterRoute', timeoutMs: Infinity },
    Route: InlineRoute,
  },
} satisfies Record<string, Partial<TaskRuntimeParts>>;

/** The tasks of an application, with one scope open. */
export function createRuntime(
  settings: TaskSettings = {},
  parts: CoreRuntimeParts = {},
): CoreRuntime {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const events: TaskEvent[] = [];
  const runtime = new TaskRuntime({
    settings: {
      ...settings,
      observers: [
        (event) => void events.push(event),
        ...(settings.observers ?? []),
      ],
    },
    log: parts.log ?? log,
    interceptors: new Interceptors(
      settings.interceptors,
      (Interceptor) => new Interceptor(),
    ),
    resolveReporter: parts.resolveReporter ?? ((Reporter) => new Reporter()),
    clock,
    ...(parts.waitsFor && RESPONSES[parts.waitsFor]),
  });
  const openScope = () => openUnitOfWork(runtime);
  return {
    runtime,
    clock,
    log,
    events,
    openScope,
    ...openScope(),
    story: (task) =>
      events.filter((event) => event.task === task).map(({ type }) => type),
  };
}

export interface CoreLogLine {
  readonly level: 'error' | 'warn' | 'info';
  readonly message: string;
  readonly error?: unknown;
}

/** Keeps what the core writes. */
export class RecordingLog implements Log {
  readonly lines: CoreLogLine[] = [];

  error(message: string, error?: unknown): void {
    this.lines.push({ level: 'error', message, error });
  }

  warn(message: string): void {
    this.lines.push({ level: 'warn', message });
  }

  info(message: string): void {
    this.lines.push({ level: 'info', message });
  }

  get errors(): string[] {
    return this.#messages('error');
  }

  get warnings(): string[] {
    return this.#messages('warn');
  }

  #messages(level: CoreLogLine['level']): string[] {
    return this.lines
      .filter((line) => line.level === level)
      .map(({ message }) => message);
  }
}

/** Ends the route and the response of a scope well. */
export function endWell({ scope }: TestScope): void {
  void scope.routeEnded({ failed: false, threw: false });
  scope.responseEnded({
    succeeded: true,
    response: { statusCode: 200, delivered: true },
  });
}

/** Ends the route of a scope and its response with an error. */
export function endBadly({ scope }: TestScope): void {
  void scope.routeEnded({ failed: true, threw: true });
  scope.responseEnded({
    succeeded: false,
    response: { statusCode: 500, delivered: true },
  });
}
