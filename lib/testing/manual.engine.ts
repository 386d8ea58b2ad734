import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../core/clock.js';
import { TaskDroppedError } from '../core/errors.js';
import type { ScheduledTask } from '../core/scheduled-task.js';
import type { TaskLog } from '../core/task-log.js';
import type { RunnerLimits } from '../core/task-runner.js';
import { InProcessEngine } from '../engine/in-process.engine.js';
import type { TaskEngine } from '../engine/task-engine.js';

/** Holds every task whose moment has come, until it is told to let them run. */
export class ManualEngine implements TaskEngine {
  readonly #inner: InProcessEngine;
  /** What starts a task, in the async context in which it was submitted. */
  readonly #held = new Map<ScheduledTask, () => void>();
  readonly #running = new Set<ScheduledTask>();
  #openings = 0;
  #isClosed = false;
  #whenHeld: (() => void)[] = [];

  constructor(limits: RunnerLimits, clock: Clock, log: TaskLog) {
    this.#inner = new InProcessEngine(limits, clock, log);
  }

  get held(): Iterable<ScheduledTask> {
    return this.#held.keys();
  }

  /** The tasks that were let go, or run without being asked, and have not settled. */
  get running(): ReadonlySet<ScheduledTask> {
    return this.#running;
  }

  submit(task: ScheduledTask): void {
    if (this.#openings > 0) {
      this.#run(task);
    } else if (this.#isClosed) {
      drop(task);
    } else {
      this.#held.set(
        task,
        AsyncResource.bind(() => this.#run(task)),
      );
      task.underway = { interrupt: () => void this.#held.delete(task) };
      for (const tell of this.#whenHeld.splice(0)) tell();
    }
  }

  follow(task: ScheduledTask): void {
    this.#watch(task);
    this.#inner.follow(task);
  }

  /** Lets all go that is held, and all that comes, until the returned function is called. */
  open(): () => void {
    this.#openings += 1;
    for (const [task, run] of this.#held) {
      this.#held.delete(task);
      run();
    }
    return () => void (this.#openings -= 1);
  }

  /** Drops what is held, and what will be: nobody is left who could ask for it. */
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

  #run(task: ScheduledTask): void {
    this.#watch(task);
    this.#inner.submit(task);
  }

  #watch(task: ScheduledTask): void {
    this.#running.add(task);
    void task.settled().then(() => this.#running.delete(task));
  }
}

function drop(task: ScheduledTask): void {
  const reason = new TaskDroppedError(
    `Task "${task.name}" was dropped: the application was closed while it was held. ` +
      'Call drain() to run it, or simulateShutdown() to see what a shutdown does to it.',
  );
  task.shutDown(reason);
  task.settle({ status: 'dropped', reason });
}
