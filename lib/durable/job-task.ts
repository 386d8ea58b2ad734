import { TaskLostError } from '../core/base/durable-errors.js';
import {
  ScheduledTask,
  type TaskHome,
} from '../core/running/scheduled-task.js';
import type { Callable, DeclaredTask } from '../core/task/declared-task.js';
import type { TaskOptions } from '../core/task/task.js';
import type {
  JobRunDetails,
  TaskJob,
  TaskJobOutcome,
} from './durable-engine.js';
import { storedError } from './stored-error.js';

/** How often a job has run before. */
export interface JobProgress extends Pick<JobRunDetails, 'failures'> {
  /** How often it has been started, this time included. */
  readonly attempt: number;
  /** Stores how far it is; undefined where the engine cannot. */
  readonly report: ((value: unknown) => Promise<void>) | undefined;
}

/**
 * One attempt to run a job: the task continues here under the same id. In this process
 * it ends as `enqueued` when the engine is to run it again.
 */
export class JobTask extends ScheduledTask {
  /** What the engine is to do with a job that is to be run again. */
  handedBack: TaskJobOutcome = { status: 'returned' };
  /** Why the store has it no longer as a job of this worker. */
  lostBecause: Error | undefined;
  readonly #jobId: string;
  readonly #key: string | undefined;
  readonly #failures: number;
  readonly #scheduledFor: number | undefined;
  readonly #report: JobProgress['report'];

  constructor(
    job: TaskJob,
    { attempt, failures = attempt - 1, report }: JobProgress,
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
    this.scheduledAt = job.scheduledAt ?? 0;
    this.#jobId = job.id;
    this.#key = job.key;
    this.#failures = failures;
    this.#scheduledFor = job.scheduledFor;
    this.#report = report;
  }

  override get key(): string | undefined {
    return this.#key;
  }

  /** A copy at each access, as dates can be changed. */
  get scheduledFor(): Date | undefined {
    return this.#scheduledFor === undefined
      ? undefined
      : new Date(this.#scheduledFor);
  }

  override get isResumed(): boolean {
    return true;
  }

  /** A job is given back when its attempt has ended, so a shutdown waits for each. */
  override get isShielded(): boolean {
    return true;
  }

  /** A start that a shutdown interrupted has not failed. */
  override get failures(): number {
    return this.#failures + 1;
  }

  protected override report(value: unknown): unknown {
    return this.#report ? this.#report(value) : super.report(value);
  }

  override handBack(
    afterMs: number,
    thrown: Error,
    isAskedFor: boolean,
  ): boolean {
    const error = storedError(thrown);
    this.handedBack = isAskedFor
      ? { status: 'postponed', afterMs, error }
      : { status: 'retry', afterMs, error };
    this.settle({ status: 'enqueued', jobId: this.#jobId });
    return true;
  }

  /** The engine puts it back, and another worker runs it. */
  override giveUp(): void {
    this.settle({ status: 'enqueued', jobId: this.#jobId });
  }

  /** The job is no longer this worker's. `false` when the task has already settled. */
  lose(reason: Error): boolean {
    if (this.isSettled) return false;
    this.lostBecause = reason;
    if (!(reason instanceof TaskLostError)) return this.cancel(reason);
    this.settle({ status: 'dropped', reason });
    this.abort(reason);
    return true;
  }
}
