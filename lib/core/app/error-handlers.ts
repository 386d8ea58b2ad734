import type { Clock } from '../base/clock.js';
import { callInto } from '../base/settled.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import type { TaskRegistry } from '../scheduling/task-registry.js';
import { runInTask } from '../task/task-context.js';
import type {
  OnError,
  Task,
  TaskErrorHandler,
  TaskErrorReporter,
  TaskErrorReporterClass,
} from '../task/task.js';
import { HandlerCall, HandlerSlots } from './handler-slots.js';
import type { LogLines } from './log-lines.js';

/** Finds or creates the instance of an error reporter's class. */
export type ResolveReporter = (
  reporter: TaskErrorReporterClass,
) => TaskErrorReporter | Promise<TaskErrorReporter>;

/**
 * Calls error handlers after final failures. Each handler is contained: what it throws,
 * rejects with or waits for affects neither the task nor another handler.
 */
export class ErrorHandlers {
  readonly #registry: TaskRegistry;
  /** The handlers of tasks that have none of their own. */
  readonly #onError: OnError;
  readonly #resolve: ResolveReporter;
  readonly #lines: LogLines;
  readonly #onEnd: () => void;
  readonly #slots: HandlerSlots;
  /** Those that wait for their turn included. */
  readonly #running = new Set<{ readonly task: Task }>();
  #whenDone: (() => void)[] = [];

  constructor(
    registry: TaskRegistry,
    onError: OnError | undefined,
    resolve: ResolveReporter,
    lines: LogLines,
    onEnd: () => void,
    clock: Clock,
  ) {
    this.#registry = registry;
    this.#onError = onError ?? [];
    this.#resolve = resolve;
    this.#lines = lines;
    this.#onEnd = onEnd;
    this.#slots = new HandlerSlots(clock);
  }

  /** Whether a handler is running, for another task than these. */
  isBusy(except?: ReadonlyMap<Task, unknown>): boolean {
    for (const { task } of this.#running) if (!except?.has(task)) return true;
    return false;
  }

  /** The tasks whose handlers are running. */
  get tasks(): ReadonlySet<Task> {
    return new Set([...this.#running].map(({ task }) => task));
  }

  /** Resolves when no handler is running, or none of these tasks. */
  async quiet(of?: ReadonlySet<Task>): Promise<void> {
    const isBusy = () =>
      of
        ? [...this.#running].some(({ task }) => of.has(task))
        : this.#running.size > 0;
    while (isBusy()) {
      await new Promise<void>((resolve) => this.#whenDone.push(resolve));
    }
  }

  report(task: ScheduledTask, error: Error): void {
    // Busy until all have been called: the first may be done before the second is called.
    const report = { task };
    this.#running.add(report);
    const own = task.options.onError ?? this.#onError;
    const declared = this.#registry.errorHandlersOf(task, task.declared);
    for (const handler of [own, declared].flat()) {
      this.#run(handler, task, error);
    }
    this.#done(report);
  }

  #run(
    handler: TaskErrorHandler | TaskErrorReporterClass,
    task: Task,
    error: Error,
  ): void {
    const end = () => {
      this.#slots.leave(call);
      this.#done(run);
    };
    const run = {
      task,
      isOver: false,
      onValue: end,
      onError: (thrown: unknown) => {
        this.#lines.errorHandlerFailed(task, handler, thrown, error);
        end();
      },
    };
    const call = new HandlerCall(() =>
      runInTask(task, () =>
        callInto(() => this.#call(handler, task, error), run),
      ),
    );
    this.#running.add(run);
    this.#slots.enter(call);
  }

  #done(run: { readonly task: Task }): void {
    if (!this.#running.delete(run)) return;
    this.#onEnd();
    for (const resolve of this.#whenDone.splice(0)) resolve();
  }

  #call(
    handler: TaskErrorHandler | TaskErrorReporterClass,
    task: Task,
    error: Error,
  ): unknown {
    if (!isReporterClass(handler)) return handler(task, error);
    const reporter = this.#resolve(handler);
    return reporter instanceof Promise
      ? reporter.then((resolved) => resolved.handle(task, error))
      : reporter.handle(task, error);
  }
}

/** A class of reporters differs from a function by its `prototype.handle`. */
export function isReporterClass(
  handler: TaskErrorHandler | TaskErrorReporterClass,
): handler is TaskErrorReporterClass {
  const prototype = handler.prototype as { handle?: unknown } | undefined;
  return typeof prototype?.handle === 'function';
}
