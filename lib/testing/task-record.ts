import { ScheduledTask } from '../core/running/scheduled-task.js';
import type { TaskEvent } from '../core/task/task-event.js';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import type { Task } from '../core/task/task.js';
import { Tally, type DrainedTasks } from './drained-tasks.js';
import { matches, type TaskFilter } from './task-filter.js';
import { listTasks } from './list-tasks.js';

/** The tasks that an application schedules from now on, with their errors. */
export class TaskRecord {
  /** By id, which a durable task keeps when its job runs as another task object. */
  readonly #tasks = new Map<string, Task>();
  readonly #errors = new Map<Task, Error>();
  readonly #tally = new Tally();
  readonly #listeners = new Set<(task: Task) => void>();

  constructor(runtime: TaskRuntime) {
    runtime.observers.add((event) => this.#note(event));
  }

  /** The tasks that failed with their errors, in order of failure. */
  get errors(): ReadonlyMap<Task, Error> {
    return this.#errors;
  }

  has(task: Task): boolean {
    return this.#tasks.get(task.id) === task;
  }

  /** The tasks that a checked filter selects, in order of scheduling. */
  matching(filter: TaskFilter): Task[] {
    return [...this.#tasks.values()].filter((task) => matches(task, filter));
  }

  /** All tasks, for a message. */
  list(): string {
    return this.#tasks.size === 0
      ? 'No task was scheduled at all.'
      : `There were:\n${this.describe(this.#tasks.values())}`;
  }

  describe(tasks: Iterable<Task>): string {
    return listTasks(tasks, this.#errors);
  }

  /** What has settled since the last call. */
  takeSettled(): DrainedTasks {
    return this.#tally.take();
  }

  /** Calls `listener` with the task of each event, until the returned function is called. */
  listen(listener: (task: Task) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #note(event: TaskEvent): void {
    const { task } = event;
    const isResumed = task instanceof ScheduledTask && task.isResumed;
    if (event.type === 'scheduled' || isResumed) this.#tasks.set(task.id, task);
    if (event.type === 'failed') this.#errors.set(task, event.error);
    this.#tally.count(event);
    for (const listener of this.#listeners) listener(task);
  }
}
