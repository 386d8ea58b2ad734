import { quoted } from '../core/base/describe.js';
import { AsyncResource } from 'node:async_hooks';
import { TaskDroppedError } from '../core/base/errors.js';
import type { ScheduledTask } from '../core/running/scheduled-task.js';
import {
  TaskRunner,
  type Backlog,
  type Runner,
} from '../core/running/task-runner.js';

/** Holds every task that is due until a test lets the held tasks run. */
export class TaskHold implements Runner {
  readonly #inner: TaskRunner;
  /** Starts each held task in the async context in which it was submitted. */
  readonly #held = new Map<ScheduledTask, () => void>();
  readonly #running = new Set<ScheduledTask>();
  #openings = 0;
  #isClosed = false;
  #whenHeld: (() => void)[] = [];

  constructor(...parts: ConstructorParameters<typeof TaskRunner>) {
    this.#inner = new TaskRunner(...parts);
  }

  get backlog(): Backlog {
    return this.#inner.backlog;
  }

  get held(): Iterable<ScheduledTask> {
    return this.#held.keys();
  }

  /** Tasks that have started, whether they were held or not, and have not settled. */
  get running(): ReadonlySet<ScheduledTask> {
    return this.#running;
  }

  run(task: ScheduledTask): void {
    if (this.#openings > 0) {
      this.#start(task);
    } else if (this.#isClosed) {
      drop(task);
    } else {
      this.#held.set(
        task,
        AsyncResource.bind(() => this.#start(task)),
      );
      task.underway = { interrupt: () => void this.#held.delete(task) };
      for (const resolve of this.#whenHeld.splice(0)) resolve();
    }
  }

  /** Runs a task that the test has asked for, whether others are held or not. */
  runNow(task: ScheduledTask): void {
    this.#start(task);
  }

  follow(task: ScheduledTask): void {
    this.#watch(task);
    this.#inner.follow(task);
  }

  /** Runs held and newly due tasks until the returned function is called. */
  open(): () => void {
    this.#openings += 1;
    for (const [task, run] of this.#held) {
      this.#held.delete(task);
      run();
    }
    return () => void (this.#openings -= 1);
  }

  /** Drops held and newly due tasks: after the application closes, no test can run them. */
  close(): void {
    this.#isClosed = true;
    for (const task of this.#held.keys()) drop(task);
  }

  /** Resolves when a task is held. */
  async holds(): Promise<void> {
    if (this.#held.size > 0) return;
    await new Promise<void>((resolve) => this.#whenHeld.push(resolve));
  }

  /** Resolves when no task is running. */
  async quiet(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running].map((task) => task.settled()));
    }
  }

  #start(task: ScheduledTask): void {
    this.#watch(task);
    this.#inner.run(task);
  }

  #watch(task: ScheduledTask): void {
    this.#running.add(task);
    void task.settled().then(() => this.#running.delete(task));
  }
}

function drop(task: ScheduledTask): void {
  const reason = new TaskDroppedError(
    `Task ${quoted(task.name)} was dropped: the application was closed while it was held. ` +
      'Call drain() to run it, or simulateShutdown() to see what a shutdown does to it.',
  );
  task.shutDown(reason);
  task.settle({ status: 'dropped', reason });
}
