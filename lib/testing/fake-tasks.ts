import { TaskRuntime } from '../core/app/task-runtime.js';
import type { Log } from '../core/base/log.js';
import { RouteScheduler } from '../core/scheduling/route-scheduler.js';
import type { Tasks } from '../core/scheduling/tasks.js';
import { checkOptions, refuse } from '../core/options/check-options.js';
import type { TaskScope } from '../core/scope/task-scope.js';
import type { TaskRoute } from '../core/scope/task-route.js';
import type { Task } from '../core/task/task.js';
import type { ArgumentCodec } from '../durable/durable-engine.js';
import { LocalDispatch } from '../durable/local-dispatch.js';
import type { DrainedTasks } from './drained-tasks.js';
import { FakeRegistry } from './fake-registry.js';
import { ManualMode } from './manual-mode.js';
import type { TaskFilter } from './task-filter.js';
import { TasksTester } from './tasks-tester.js';

/**
 * The options of `fakeTasks()`.
 *
 * @publicApi
 */
export interface FakeTasksOptions {
  /**
   * The instances on which declared tasks run, such as `new MailTasks(mailer)`. Without
   * them such tasks are recorded, and fail when they are drained.
   *
   * @default []
   */
  providers?: readonly object[] | undefined;
}

/** Keeps arguments as they are; the text that stands for them is their number. */
class KeepingCodec implements ArgumentCodec {
  readonly #kept: (readonly unknown[])[] = [];

  encode(args: readonly unknown[]): string {
    return String(this.#kept.push(args) - 1);
  }

  decode(payload: string): unknown[] {
    return [...(this.#kept[Number(payload)] ?? [])];
  }
}

const SILENT: Log = { error() {}, warn() {}, info() {} };

/**
 * The tasks of a handler that a unit test calls directly. Nothing runs until `drain()`;
 * the assertions are those of `TasksTester`.
 *
 * @publicApi
 */
export interface RecordedTasks extends Tasks {
  /** The scheduled tasks that match the filter, in the order in which they were scheduled. */
  scheduled(filter?: TaskFilter): Task[];
  /**
   * The first scheduled task that matches the filter.
   *
   * @throws AssertionError that lists what was scheduled instead
   */
  assertScheduled(filter?: TaskFilter): Task;
  /**
   * Fails when a scheduled task matches the filter.
   *
   * @throws AssertionError that lists those tasks
   */
  assertNotScheduled(filter?: TaskFilter): void;
  /**
   * Fails when a task has failed.
   *
   * @throws AssertionError that lists the failed tasks, with the first error as `cause`
   */
  assertNothingFailed(): void;
  /**
   * Runs what was scheduled, phase after phase, as after a handler that succeeded, and what
   * that schedules. Returns what has settled since the last `drain()`.
   *
   * @throws (rejects with) AssertionError that lists what is pending after four seconds
   */
  drain(): Promise<DrainedTasks>;
}

class HeldTasks extends RouteScheduler implements RecordedTasks {
  readonly #scope: TaskScope;
  readonly #route: TaskRoute;
  readonly #tester: TasksTester;

  constructor({ providers = [] }: FakeTasksOptions) {
    const mode = new ManualMode();
    const engine = {
      name: 'fakeTasks()',
      features: ['delay', 'priority', 'queues'] as const,
      codec: new KeepingCodec(),
    };
    const runtime = new TaskRuntime({
      settings: {},
      log: SILENT,
      resolveReporter: (Reporter) => new Reporter(),
      afterRoute: mode.afterRoute,
      createRunner: mode.createRunner,
      createDurable: ({ runner }) =>
        new LocalDispatch(engine, (task) => runner.run(task)),
    });
    const scope = runtime.openScope();
    const route = scope.openRoute();
    super({
      app: {
        defaults: runtime.defaults,
        settings: runtime.settings,
        durable: runtime.durable,
        registry: new FakeRegistry(providers),
      },
      route: () => route,
      context: () => undefined,
    });
    this.#scope = scope;
    this.#route = route;
    this.#tester = TasksTester.ofRuntime(runtime, mode);
  }

  scheduled(filter?: TaskFilter): Task[] {
    return this.#tester.scheduled(filter);
  }

  assertScheduled(filter?: TaskFilter): Task {
    return this.#tester.assertScheduled(filter);
  }

  assertNotScheduled(filter?: TaskFilter): void {
    this.#tester.assertNotScheduled(filter);
  }

  assertNothingFailed(): void {
    this.#tester.assertNothingFailed();
  }

  async drain(): Promise<DrainedTasks> {
    if (!this.#route.hasEnded) {
      void this.#route.end({ failed: false, threw: false });
      const response = { statusCode: 200, delivered: true };
      this.#scope.responseEnded({ succeeded: true, response });
    }
    return this.#tester.drain();
  }
}

/**
 * Creates the tasks for a handler that a unit test calls directly.
 *
 * @throws TaskInvalidOptionError for unknown options and invalid values
 *
 * @example
 * ```ts
 * const tasks = fakeTasks();
 * await controller.create(dto, tasks);
 *
 * tasks.assertScheduled({ name: 'sendMail', args: [dto.email] });
 * expect(await tasks.drain()).toMatchObject({ succeeded: 1 });
 * ```
 *
 * @publicApi
 */
export function fakeTasks(options: FakeTasksOptions = {}): RecordedTasks {
  checkOptions(
    options,
    {
      providers(value, option) {
        if (!Array.isArray(value)) refuse(option, 'a list of instances', value);
      },
    },
    'The options of fakeTasks()',
  );
  return new HeldTasks(options);
}
