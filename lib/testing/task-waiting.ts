import type { TaskRuntime } from '../core/task-runtime.js';
import type { Task } from '../core/task.js';
import type { ManualEngine } from './manual.engine.js';
import { describeFilter, matches, type TaskFilter } from './task-filter.js';
import type { TaskRecord } from './task-record.js';
import type { MakeFailure } from './test-failure.js';
import { fullTurn, TimeLimit } from './time-limit.js';

/** Waits for the tasks of an application: for what happens, and never longer than the limit. */
export class TaskWaiting {
  readonly #runtime: TaskRuntime;
  readonly #manual: ManualEngine | undefined;
  readonly #record: TaskRecord;
  readonly #limitMs: number;

  constructor(
    runtime: TaskRuntime,
    manual: ManualEngine | undefined,
    record: TaskRecord,
    limitMs: number,
  ) {
    this.#runtime = runtime;
    this.#manual = manual;
    this.#record = record;
    this.#limitMs = limitMs;
  }

  /** Until nothing is queued or running, error handlers included. */
  async settled(fail: MakeFailure): Promise<void> {
    const ends = [this.#runtime.idle()];
    if (this.#manual) ends.push(this.#manual.holds());
    const isLate = await this.#cut(Promise.race(ends));
    const held = [...(this.#manual?.held ?? [])];
    if (held.length > 0) {
      throw fail(
        `settled() would wait for ever, as nothing runs in manual mode until drain(). Call drain(). Held are:\n${this.#record.describe(held)}`,
      );
    }
    if (isLate) throw fail(this.#whatIsPending());
  }

  /** Until a task matches; that task. */
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
    await this.#cut(match);
    stop();
    if (found) return found;
    throw fail(
      `No task matched ${describeFilter(filter)} within ${this.#limitMs} ms. ${this.#record.list()}${this.#hint()}`,
    );
  }

  /** Runs what is held, and what follows from it, until nothing is held or running. */
  async drained(manual: ManualEngine, fail: MakeFailure): Promise<void> {
    const limit = new TimeLimit(this.#limitMs);
    const close = manual.open();
    try {
      do {
        const isLate = await limit.cuts(this.#quiet(manual));
        if (isLate && this.#isBusy(manual)) {
          throw fail(this.#whatIsPending());
        }
        // Who has read a response may be ahead of the server, which has not seen its end.
      } while (
        this.#runtime.awaitsResponses &&
        !(await limit.cuts(this.#nextEvent()))
      );
    } finally {
      close();
      limit.stop();
    }
  }

  async #quiet(manual: ManualEngine): Promise<void> {
    do {
      await manual.quiet();
      await this.#runtime.handled();
      await fullTurn();
    } while (this.#isBusy(manual));
  }

  #isBusy(manual: ManualEngine): boolean {
    return manual.running.size > 0 || this.#runtime.tasksInHandlers.size > 0;
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#record.listen(() => {
        stop();
        resolve();
      });
    });
  }

  async #cut(work: Promise<unknown>): Promise<boolean> {
    const limit = new TimeLimit(this.#limitMs);
    try {
      return await limit.cuts(work);
    } finally {
      limit.stop();
    }
  }

  #whatIsPending(): string {
    const tasks = this.#runtime.unsettledTasks();
    const inHandlers = [...this.#runtime.tasksInHandlers];
    const parts = [`Not everything had settled after ${this.#limitMs} ms.`];
    if (tasks.length > 0) {
      parts.push(`Pending are:\n${this.#record.describe(tasks)}`);
    }
    if (inHandlers.length > 0) {
      parts.push(
        `Error handlers are running for:\n${this.#record.describe(inHandlers)}`,
      );
    }
    parts.push(
      'If they need longer, give TasksTester.for(app, { timeout }) more time.',
    );
    return parts.join('\n');
  }

  #hint(): string {
    const held = [...(this.#manual?.held ?? [])];
    return held.length > 0
      ? '\nIn manual mode nothing runs until drain().'
      : '';
  }
}
