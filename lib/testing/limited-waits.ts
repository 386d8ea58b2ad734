import { isDelayed } from '../core/options/delay.js';
import { Deadline } from '../core/base/deadline.js';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import type { Task } from '../core/task/task.js';
import { describeFilter, matches, type TaskFilter } from './task-filter.js';
import type { TaskRecord } from './task-record.js';
import type { MakeFailure } from './test-failure.js';
import type { TaskHold } from './task-hold.js';
import { fullTurn, realClock } from './real-clock.js';

/** Waits for the tasks of an application, but never longer than the limit. */
export class LimitedWaits {
  readonly #runtime: TaskRuntime;
  readonly #hold: TaskHold | undefined;
  readonly #record: TaskRecord;
  readonly #limitMs: number;

  constructor(
    runtime: TaskRuntime,
    hold: TaskHold | undefined,
    record: TaskRecord,
    limitMs: number,
  ) {
    this.#runtime = runtime;
    this.#hold = hold;
    this.#record = record;
    this.#limitMs = limitMs;
  }

  /** Waits until nothing is queued or running, error handlers included. */
  async settled(fail: MakeFailure): Promise<void> {
    const ends = [this.#runtime.idle()];
    if (this.#hold) ends.push(this.#hold.holds());
    const isInTime = await this.#inTime(Promise.race(ends));
    const held = [...(this.#hold?.held ?? [])];
    if (held.length > 0) {
      throw fail(
        `settled() would never resolve, as nothing runs in manual mode until drain(). Call drain(). Held tasks:\n${this.#record.describe(held)}`,
      );
    }
    if (!isInTime) throw fail(this.#whatIsPending());
  }

  /** Waits until a task has settled, its error handlers included. */
  async end(task: Task, fail: MakeFailure): Promise<Task> {
    const ended = task
      .settled()
      .then(() => this.#runtime.handled(new Set([task])));
    if (!(await this.#inTime(ended))) throw fail(this.#whatIsPending());
    return task;
  }

  /** Waits until a task matches, and returns it. */
  async first(filter: TaskFilter, fail: MakeFailure): Promise<Task> {
    let [found] = this.#record.matching(filter);
    if (found) return found;
    let stop!: () => void;
    const match = new Promise<void>((resolve) => {
      stop = this.#record.listen((task) => {
        if (found || !this.#record.has(task) || !matches(task, filter)) return;
        found = task;
        resolve();
      });
    });
    await this.#inTime(match);
    stop();
    if (found) return found;
    throw fail(
      `No task matched ${describeFilter(filter)} within ${this.#limitMs} ms. ${this.#record.list()}${this.#hint()}`,
    );
  }

  /** Runs held tasks, and those that they schedule, until nothing is held or running. */
  async drained(hold: TaskHold, fail: MakeFailure): Promise<void> {
    const deadline = new Deadline(this.#limitMs, realClock);
    const close = hold.open();
    try {
      do {
        const isQuiet = await deadline.meets(this.#quiet(hold));
        if (!isQuiet && this.#isBusy(hold)) {
          throw fail(this.#whatIsPending());
        }
        // A client may have read a response whose end the server has not noticed yet.
      } while (
        this.#runtime.scopes.awaitResponses &&
        (await deadline.meets(this.#nextEvent()))
      );
    } finally {
      close();
    }
  }

  async #quiet(hold: TaskHold): Promise<void> {
    do {
      await hold.quiet();
      await this.#runtime.handled();
      await fullTurn();
    } while (this.#isBusy(hold));
  }

  #isBusy(hold: TaskHold): boolean {
    return hold.running.size > 0 || this.#runtime.errors.tasks.size > 0;
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#record.listen(() => {
        stop();
        resolve();
      });
    });
  }

  #inTime(work: Promise<unknown>): Promise<boolean> {
    return new Deadline(this.#limitMs, realClock).meets(work);
  }

  #whatIsPending(): string {
    const tasks = this.#runtime.unsettledTasks();
    const inHandlers = [...this.#runtime.errors.tasks];
    const parts = [`Not everything had settled after ${this.#limitMs} ms.`];
    if (tasks.length > 0) {
      parts.push(`Pending tasks:\n${this.#record.describe(tasks)}`);
    }
    if (
      tasks.some(({ options, attempt }) => attempt === 0 && isDelayed(options))
    ) {
      parts.push('For a task that waits for its delay, call advance().');
    }
    if (inHandlers.length > 0) {
      parts.push(
        `Error handlers are running for:\n${this.#record.describe(inHandlers)}`,
      );
    }
    parts.push(
      'If they need longer, raise the `timeout` of TasksTester.for(app, { timeout }).',
    );
    return parts.join('\n');
  }

  #hint(): string {
    const held = [...(this.#hold?.held ?? [])];
    return held.length > 0
      ? '\nIn manual mode nothing runs until drain().'
      : '';
  }
}
