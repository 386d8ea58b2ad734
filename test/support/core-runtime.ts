import type { AwaitedTasks } from '../../lib/core/after-route-drain.js';
import type { ResolveReporter } from '../../lib/core/error-reporting.js';
import type { TaskEvent } from '../../lib/core/task-event.js';
import type { TaskLog } from '../../lib/core/task-log.js';
import { TaskRuntime } from '../../lib/core/task-runtime.js';
import { RouteTasks, type Tasks } from '../../lib/core/task-scheduler.js';
import type { ResponseEnd, RouteEnd } from '../../lib/core/task-route.js';
import type { TaskSettings } from '../../lib/core/task-settings.js';
import type { Task } from '../../lib/core/task.js';
import { InProcessEngine } from '../../lib/engine/in-process.engine.js';
import { TaskRegistry } from '../../lib/engine/task-registry.js';
import { ManualClock } from './manual-clock.js';

/** A scope with one route, driven as the nest layer drives it. */
export interface UnitOfWork {
  routeStarted(): void;
  routeEnded(end: RouteEnd): Promise<void> | undefined;
  responseEnded(end: ResponseEnd): void;
}

/** Opens a unit of work, with its tasks. */
export function openUnitOfWork(runtime: TaskRuntime): TestScope {
  const scope = runtime.openScope();
  const route = scope.openRoute();
  return {
    scope: {
      routeStarted: () => route.start(),
      routeEnded: (end) => route.end(end),
      responseEnded: (end) => scope.responseEnded(end),
    },
    tasks: new RouteTasks({
      app: runtime,
      route: () => route,
      context: () => undefined,
    }),
  };
}

/** A unit of work, seen from both sides. */
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
  readonly log?: TaskLog;
  readonly resolveReporter?: ResolveReporter;
  readonly awaited?: AwaitedTasks;
}

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
    resolveReporter: parts.resolveReporter ?? ((Reporter) => new Reporter()),
    clock,
    awaited: parts.awaited,
    createEngine: (...engineParts) => new InProcessEngine(...engineParts),
    createRegistry: (defaults) => new TaskRegistry(defaults),
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
  readonly level: 'error' | 'warn';
  readonly message: string;
  readonly error?: unknown;
}

/** Keeps what the core writes. */
export class RecordingLog implements TaskLog {
  readonly lines: CoreLogLine[] = [];

  error(message: string, error?: unknown): void {
    this.lines.push({ level: 'error', message, error });
  }

  warn(message: string): void {
    this.lines.push({ level: 'warn', message });
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
