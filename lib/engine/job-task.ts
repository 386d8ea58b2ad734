import type { Callable, DeclaredTask } from '../core/declared-task.js';
import { ScheduledTask, type TaskHome } from '../core/scheduled-task.js';
import type { TaskOptions } from '../core/task-options.js';
import type { TaskJob } from './durable-engine.js';

/**
 * One attempt to run a job: the task goes on here under the same id. Its life in this
 * process ends as `enqueued` when the engine is to run it again.
 */
export class JobTask extends ScheduledTask {
  /** The pause before the next attempt, if one is to follow. */
  retryAfterMs: number | undefined;
  retryError: Error | undefined;
  readonly #jobId: string;
  readonly #key: string | undefined;

  constructor(
    job: TaskJob,
    attempt: number,
    fn: Callable,
    args: unknown[],
    options: Readonly<TaskOptions>,
    home: TaskHome,
    declared: DeclaredTask,
  ) {
    super(job.phase, fn, args, options, home, declared, {
      id: job.id,
      attempts: attempt - 1,
    });
    this.#jobId = job.id;
    this.#key = job.key;
  }

  override get key(): string | undefined {
    return this.#key;
  }

  override get isResumed(): boolean {
    return true;
  }

  override pause(error: Error): void {
    this.retryError = error;
    super.pause(error);
  }

  override handBack(pauseMs: number): boolean {
    this.retryAfterMs = pauseMs;
    this.settle({ status: 'enqueued', jobId: this.#jobId });
    return true;
  }

  /** Another worker runs it: nobody waits until this attempt has noticed. */
  override shutDown(reason: Error): void {
    super.shutDown(reason);
    this.settle({ status: 'enqueued', jobId: this.#jobId });
  }
}
