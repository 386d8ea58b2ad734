import type { Clock } from '../core/clock.js';
import type { TaskLog } from '../core/task-log.js';
import { TaskRunner, type RunnerLimits } from '../core/task-runner.js';
import type { ScheduledTask } from '../core/scheduled-task.js';
import type { TaskEngine } from './task-engine.js';

/** Runs tasks in this process, beside the requests. */
export class InProcessEngine implements TaskEngine {
  readonly #runner: TaskRunner;

  constructor(limits: RunnerLimits, clock: Clock, log: TaskLog) {
    this.#runner = new TaskRunner(clock, log, limits);
  }

  submit(task: ScheduledTask): void {
    this.#runner.run(task);
  }

  follow(task: ScheduledTask): void {
    this.#runner.follow(task);
  }
}
