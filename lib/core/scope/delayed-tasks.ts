import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../base/clock.js';
import { LONGEST_DELAY_MS } from '../base/duration.js';
import { delayMsOf } from '../options/delay.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import type { Underway } from '../running/task-extras.js';
import type { Runner } from '../running/task-runner.js';

/**
 * The tasks of an application that are due, but start later: by their `delay`, or at
 * their date. They wait in memory, without a slot, each in its own async context.
 */
export class DelayedTasks {
  readonly #clock: Clock;
  readonly #waiting = new Set<DelayedTask>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs a task when its delay is over, unless it settles before. */
  add(task: ScheduledTask, runner: Runner): void {
    const delayMs = delayMsOf(task.options, this.#clock.date());
    if (delayMs === 0) return runner.run(task);
    const startMs = this.#clock.now() + delayMs;
    const delayed = new DelayedTask(task, runner, startMs, this.#waiting);
    this.#waiting.add(delayed);
    delayed.wait(this.#clock);
  }

  /** Lets so much of each delay pass at once, in the order in which the tasks start. */
  advance(byMs: number): void {
    const inOrder = [...this.#waiting].sort((a, b) => a.startMs - b.startMs);
    for (const delayed of inOrder) {
      delayed.startMs -= byMs;
      delayed.wait(this.#clock);
    }
  }
}

class DelayedTask extends AsyncResource implements Underway {
  /** By the monotonic clock. */
  startMs: number;
  readonly #task: ScheduledTask;
  readonly #runner: Runner;
  readonly #all: Set<DelayedTask>;
  #stopTimer: (() => void) | undefined;

  constructor(
    task: ScheduledTask,
    runner: Runner,
    startMs: number,
    all: Set<DelayedTask>,
  ) {
    super('DelayedTask');
    this.#task = task;
    this.#runner = runner;
    this.startMs = startMs;
    this.#all = all;
    task.underway = this;
  }

  /** Starts the task if its delay is over, else looks again later: a timer has a limit. */
  wait(clock: Clock): void {
    this.#stopTimer?.();
    if (this.#task.isSettled) return;
    const leftMs = this.startMs - clock.now();
    // Timers may fire a millisecond early.
    if (leftMs >= 1) {
      this.#stopTimer = clock.after(Math.min(leftMs, LONGEST_DELAY_MS), () =>
        this.wait(clock),
      );
      return;
    }
    this.#all.delete(this);
    this.#task.underway = undefined;
    const runner = this.#runner;
    this.runInAsyncScope(runner.run, runner, this.#task);
  }

  interrupt(): void {
    this.#all.delete(this);
    this.#stopTimer?.();
  }
}
