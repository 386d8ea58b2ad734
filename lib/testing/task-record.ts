import { ScheduledTask } from '../core/scheduled-task.js';
import type { TaskEvent } from '../core/task-event.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import type { Task } from '../core/task.js';
import { Tally, type DrainedTasks } from './drained-tasks.js';
import { matches, type TaskFilter } from './task-filter.js';
import { listTasks } from './task-list.js';

/** Every task that an application schedules from now on, and what becomes of it. */
export class TaskRecord {
  /** By id: a durable task goes on under the same one, in whatever takes its job. */
  readonly #tasks = new Map<string, Task>();
  readonly #errors = new Map<Task, Error>();
  readonly #tally = new Tally();
  readonly #listeners = new Set<(task: Task) => void>();

  constructor(runtime: TaskRuntime) {
    runtime.observe((event) => this.#note(event));
  }

  /** The tasks that failed, and with what, in order of failure. */
  get errors(): ReadonlyMap<Task, Error> {
    return this.#errors;
  }

  has(task: Task): boolean {
    return this.#tasks.get(task.id) === task;
  }

  /** The tasks that a checked filter means, in order of scheduling. */
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

  /** What has settled since it was last asked. */
  takeSettled(): DrainedTasks {
    return this.#tally.take();
  }

  /** Calls `listener` at each event, with its task, until the returned function is called. */
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
