import type { INestApplicationContext } from '@nestjs/common';
import { aDuration, checkOptions } from '../core/options/check-options.js';
import { toMilliseconds, type Duration } from '../core/base/duration.js';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import type { Task } from '../core/task/task.js';
import { appUnderTest, type AppUnderTest } from './app-under-test.js';
import type { DrainedTasks } from './drained-tasks.js';
import { LimitedWaits } from './limited-waits.js';
import { ManualMode } from './manual-mode.js';
import { checkFilter, describeFilter, type TaskFilter } from './task-filter.js';
import type { TaskHold } from './task-hold.js';
import { fullTurn } from './real-clock.js';
import { RecurringTasks } from './recurring-tasks.js';
import { TaskRecord } from './task-record.js';
import { failuresOf } from './test-failure.js';

/**
 * The options of `TasksTester.for()`.
 *
 * @publicApi
 */
export interface TasksTesterOptions {
  /**
   * How long `settled()`, `waitFor()` and `drain()` wait before they fail and list what
   * is pending.
   *
   * @default '4s'
   */
  timeout?: Duration | undefined;
}

const DEFAULT_MS = 4_000;

/**
 * Records the tasks of an application in a test, waits for them, and asserts what was
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
  readonly #engine: AppUnderTest['engine'];
  readonly #hold: TaskHold | undefined;
  readonly #record: TaskRecord;
  readonly #waits: LimitedWaits;
  readonly #recurring: RecurringTasks;

  private constructor(
    app: Pick<AppUnderTest, 'engine' | 'runtime' | 'mode'>,
    timeoutMs: number,
  ) {
    const { engine, runtime, mode } = app;
    this.#runtime = runtime;
    this.#engine = engine;
    this.#hold = mode instanceof ManualMode ? mode.hold : undefined;
    this.#record = new TaskRecord(runtime);
    this.#recurring = new RecurringTasks(runtime, engine !== undefined);
    this.#waits = new LimitedWaits(
      runtime,
      this.#hold,
      this.#record,
      timeoutMs,
    );
  }

  /**
   * Creates a tester that records the tasks scheduled in this application from now on.
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
    const timeoutMs = toMilliseconds(options.timeout ?? DEFAULT_MS, 'timeout');
    return new TasksTester(appUnderTest(app), timeoutMs);
  }

  /** @internal Records the tasks of a runtime without an application. */
  static ofRuntime(runtime: TaskRuntime, mode: ManualMode): TasksTester {
    return new TasksTester({ engine: undefined, runtime, mode }, DEFAULT_MS);
  }

  /**
   * The scheduled tasks that match the filter, in the order in which they were
   * scheduled.
   *
   * @throws TaskInvalidOptionError for an unknown key of the filter
   */
  scheduled(filter: TaskFilter = {}): Task[] {
    checkFilter(filter);
    return this.#record.matching(filter);
  }

  /**
   * The first scheduled task that matches the filter.
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
   * Fails when a scheduled task matches the filter.
   *
   * @throws AssertionError that lists those tasks
   */
  assertNotScheduled(filter: TaskFilter = {}): void {
    const found = this.scheduled(filter);
    if (found.length === 0) return;
    throw failuresOf(this.assertNotScheduled)(
      `Expected no task that matches ${describeFilter(filter)}. There were:\n${this.#record.describe(found)}`,
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
   * Resolves when no task is queued or running, error handlers included.
   *
   * @throws (rejects with) AssertionError that lists what is pending when the time is
   * up, and, at once, when tasks are held in manual mode
   */
  async settled(): Promise<void> {
    await this.#waits.settled(failuresOf(this.settled));
  }

  /**
   * Resolves with the first task that matches the filter, as soon as there is one.
   *
   * @throws (rejects with) AssertionError that lists what was scheduled instead when
   * the time is up
   * @throws (rejects with) TaskInvalidOptionError for an unknown key of the filter
   */
  async waitFor(filter: TaskFilter): Promise<Task> {
    const fail = failuresOf(this.waitFor);
    checkFilter(filter);
    return this.#waits.first(filter, fail);
  }

  /**
   * In manual mode, runs the held tasks of every phase that is due, and the tasks that
   * they schedule. Otherwise waits as `settled()` does. Returns what has settled since
   * the last `drain()`, or since `TasksTester.for()`.
   *
   * @throws (rejects with) AssertionError that lists what is pending when the time is up
   */
  async drain(): Promise<DrainedTasks> {
    const fail = failuresOf(this.drain);
    if (this.#hold) await this.#waits.drained(this.#hold, fail);
    else await this.#waits.settled(fail);
    return this.#record.takeSettled();
  }

  /**
   * Runs one occurrence of a recurring task, now and in this process, in manual mode too.
   * Resolves with the task when it has settled.
   *
   * @throws (rejects with) TaskNotDeclaredError for a task that does not recur
   * @throws (rejects with) AssertionError when it has not settled in time
   *
   * @example
   * ```ts
   * expect((await tester.fire('report.nightly')).status).toBe('succeeded');
   * ```
   */
  async fire(name: string): Promise<Task> {
    const fail = failuresOf(this.fire);
    const task = this.#recurring.create(name);
    this.#recurring.runNow(task, this.#hold);
    return this.#waits.end(task, fail);
  }

  /**
   * Lets so much time pass for the tasks that wait in this process for their `delay` or
   * `at`: those that are due start at once, or are held in manual mode. So do, in manual and
   * inline mode, the occurrences of recurring tasks, each with its date. Waits until those
   * that start have done what they do at once; call `settled()` or `drain()` for the rest.
   * Jobs and schedules in the store of an engine are not affected.
   *
   * @throws (rejects with) TaskInvalidOptionError when it is not a duration, or stands for
   * more than 10,000 occurrences
   *
   * @example
   * ```ts
   * await request(app.getHttpServer()).post('/orders').send(order).expect(201);
   * await tester.advance('24h');
   * await tester.settled();
   * tester.assertScheduled({ name: 'reminder', status: 'succeeded' });
   * ```
   */
  async advance(by: Duration): Promise<void> {
    const ms = toMilliseconds(by, 'by', Number.MAX_SAFE_INTEGER);
    await fullTurn();
    await this.#recurring.advance(ms);
    await fullTurn();
  }

  /**
   * Does to the tasks what `app.close()` does, but leaves the application open: drops
   * tasks that are not shielded, gives the others the grace period, and accepts no new
   * ones. In manual mode, shielded tasks that are held run. Returns what has settled
   * since the last `drain()`, or since `TasksTester.for()`.
   */
  async simulateShutdown(): Promise<DrainedTasks> {
    const { shutdown } = this.#runtime;
    const drained = shutdown.drain(false);
    const close = this.#hold?.open();
    void this.#engine?.pause();
    await drained;
    await shutdown.drain(true);
    close?.();
    return this.#record.takeSettled();
  }
}
