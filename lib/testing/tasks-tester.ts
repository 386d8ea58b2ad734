import type { INestApplicationContext } from '@nestjs/common';
import { aDuration, checkOptions } from '../core/check-options.js';
import { toMilliseconds, type Duration } from '../core/duration.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import type { Task } from '../core/task.js';
import type { DrainedTasks } from './drained-tasks.js';
import { findTasks, type TestedTasks } from './find-tasks.js';
import { ManualMode } from './manual-mode.js';
import type { ManualEngine } from './manual.engine.js';
import { checkFilter, describeFilter, type TaskFilter } from './task-filter.js';
import { TaskRecord } from './task-record.js';
import { TaskWaiting } from './task-waiting.js';
import { failuresOf } from './test-failure.js';

/**
 * The options of `TasksTester.for()`.
 *
 * @publicApi
 */
export interface TasksTesterOptions {
  /**
   * For how long `settled()`, `waitFor()` and `drain()` wait before they fail and
   * list what is pending.
   *
   * @default '4s'
   */
  timeout?: Duration | undefined;
}

/**
 * Records the tasks of an application in a test, waits for them, and says what was
 * scheduled and what failed. Its failures are `AssertionError`s of `node:assert`.
 *
 * @example
 * ```ts
 * const tester = TasksTester.for(app);
 * await request(app.getHttpServer()).post('/orders').send(order).expect(201);
 * await tester.settled();
 * tester.assertScheduled({ name: /^payment_/, phase: 'immediate' });
 * tester.assertNothingFailed();
 * ```
 *
 * @publicApi
 */
export class TasksTester {
  readonly #runtime: TaskRuntime;
  readonly #engine: TestedTasks['engine'];
  readonly #manual: ManualEngine | undefined;
  readonly #record: TaskRecord;
  readonly #waiting: TaskWaiting;

  private constructor(
    { engine, runtime, mode }: TestedTasks,
    timeoutMs: number,
  ) {
    this.#runtime = runtime;
    this.#engine = engine;
    this.#manual = mode instanceof ManualMode ? mode.engine : undefined;
    this.#record = new TaskRecord(runtime);
    this.#waiting = new TaskWaiting(
      runtime,
      this.#manual,
      this.#record,
      timeoutMs,
    );
  }

  /**
   * A tester of this application: it knows of the tasks that are scheduled from now on.
   *
   * @throws TaskError (`TASKS_MODULE_MISSING`) when the application has no `TasksModule`
   * @throws TaskInvalidOptionError for options that cannot be used
   */
  static for(
    app: INestApplicationContext,
    options: TasksTesterOptions = {},
  ): TasksTester {
    checkOptions(
      options,
      { timeout: aDuration },
      'The options of TasksTester.for()',
    );
    const timeoutMs = toMilliseconds(options.timeout ?? '4s', 'timeout');
    return new TasksTester(findTasks(app), timeoutMs);
  }

  /**
   * The tasks that were scheduled, or those of them that the filter means, in the
   * order in which they were scheduled.
   *
   * @throws TaskInvalidOptionError for an unknown key of the filter
   */
  scheduled(filter: TaskFilter = {}): Task[] {
    checkFilter(filter);
    return this.#record.matching(filter);
  }

  /**
   * The first task that was scheduled and that the filter means.
   *
   * @throws AssertionError that lists what was scheduled instead
   */
  assertScheduled(filter: TaskFilter = {}): Task {
    const [first] = this.scheduled(filter);
    if (first) return first;
    throw failuresOf(this.assertScheduled)(
      `No task was scheduled that matches ${describeFilter(filter)}. ${this.#record.list()}`,
    );
  }

  /**
   * Fails when a task was scheduled that the filter means.
   *
   * @throws AssertionError that lists those tasks
   */
  assertNotScheduled(filter: TaskFilter = {}): void {
    const found = this.scheduled(filter);
    if (found.length === 0) return;
    throw failuresOf(this.assertNotScheduled)(
      `No task that matches ${describeFilter(filter)} was to be scheduled. There were:\n${this.#record.describe(found)}`,
    );
  }

  /**
   * Fails when a task has failed.
   *
   * @throws AssertionError that lists the failed tasks, with the first error as `cause`
   */
  assertNothingFailed(): void {
    const { errors } = this.#record;
    if (errors.size === 0) return;
    const [first] = errors.values();
    throw failuresOf(this.assertNothingFailed)(
      `${errors.size === 1 ? '1 task' : `${errors.size} tasks`} failed:\n${this.#record.describe(errors.keys())}`,
      first,
    );
  }

  /**
   * Resolves when nothing is queued or running any more, error handlers included.
   *
   * @throws (rejects with) AssertionError that lists what is pending when the time is
   * up, and, at once, when tasks are held in manual mode
   */
  async settled(): Promise<void> {
    await this.#waiting.settled(failuresOf(this.settled));
  }

  /**
   * Resolves with the first task that the filter means, now or as soon as there is one.
   *
   * @throws (rejects with) AssertionError that lists what was scheduled instead when
   * the time is up
   * @throws (rejects with) TaskInvalidOptionError for an unknown key of the filter
   */
  async waitFor(filter: TaskFilter): Promise<Task> {
    const fail = failuresOf(this.waitFor);
    checkFilter(filter);
    return this.#waiting.first(filter, fail);
  }

  /**
   * In manual mode, runs everything that is held, in every phase whose moment has come,
   * and what that schedules. Otherwise waits as `settled()` does. Says what has settled
   * since the last `drain()`, or since `TasksTester.for()`.
   *
   * @throws (rejects with) AssertionError that lists what is pending when the time is up
   */
  async drain(): Promise<DrainedTasks> {
    const fail = failuresOf(this.drain);
    if (this.#manual) await this.#waiting.drained(this.#manual, fail);
    else await this.#waiting.settled(fail);
    return this.#record.takeSettled();
  }

  /**
   * Does to the tasks what `app.close()` does, and leaves the application open: drops
   * what is not shielded, gives the rest the grace period, and takes no task any more.
   * In manual mode the shielded tasks that are held run. Says what has settled since the
   * last `drain()`, or since `TasksTester.for()`.
   */
  async simulateShutdown(): Promise<DrainedTasks> {
    const { shutdown } = this.#runtime;
    const drained = shutdown.drain(false);
    const close = this.#manual?.open();
    void this.#engine?.pause();
    await drained;
    await shutdown.drain(true);
    close?.();
    return this.#record.takeSettled();
  }
}
