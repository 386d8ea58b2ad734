import type { DeclaredTask } from '../core/declared-task.js';
import { TaskRefusedError } from '../core/errors.js';
import { mergeTaskOptions } from '../core/task-options.js';
import type { TaskRuntime } from '../core/task-runtime.js';
import { messageOf, toError } from '../core/to-error.js';
import { checkSchema } from './check-schema.js';
import {
  ContainedPropagation,
  type ContextPropagation,
} from './context-propagation.js';
import type {
  ArgumentCodec,
  EngineHost,
  TaskJob,
  TaskJobOutcome,
} from './durable-engine.js';
import { JobTask } from './job-task.js';
import { JOB_VERSION } from './job-version.js';
import type { TaskRegistry } from './task-registry.js';

/** Runs the jobs that the engine takes from its store, as tasks of this application. */
export class JobRunner implements EngineHost {
  readonly #runtime: TaskRuntime;
  readonly #registry: TaskRegistry;
  readonly #codec: ArgumentCodec;
  readonly #propagation: ContainedPropagation;

  constructor(
    runtime: TaskRuntime,
    registry: TaskRegistry,
    codec: ArgumentCodec,
    propagation?: ContextPropagation,
  ) {
    this.#runtime = runtime;
    this.#registry = registry;
    this.#codec = codec;
    this.#propagation = new ContainedPropagation(propagation, runtime.log);
  }

  get log(): EngineHost['log'] {
    return this.#runtime.log;
  }

  async run(job: TaskJob, attempt: number): Promise<TaskJobOutcome> {
    if (!this.#runtime.shutdown.isOpen) return { status: 'returned' };
    let prepared: { declared: DeclaredTask; args: unknown[] };
    try {
      prepared = await this.#prepare(job);
    } catch (error) {
      return this.#refuse(job, toError(error, job.task));
    }
    const { declared, args } = prepared;
    return this.#propagation.restore(job.context, job.task, () =>
      this.#run(job, attempt, declared, args),
    );
  }

  /** @throws (rejects with) an error that says why this worker cannot run it */
  async #prepare(
    job: TaskJob,
  ): Promise<{ declared: DeclaredTask; args: unknown[] }> {
    if (job.version > JOB_VERSION) {
      throw new TaskRefusedError(
        `it was written by a newer version of nestjs-tasks (form ${job.version}, this is ${JOB_VERSION}). Update this worker`,
      );
    }
    const declared = this.#registry.get(job.task);
    if (!declared) {
      throw new TaskRefusedError(
        `no task of the name "${job.task}" is declared here. Import the module of its provider, or update this worker`,
      );
    }
    const args = this.#codec.decode(job.args);
    if (declared.schema) await checkSchema(declared.schema, args, job.task);
    return { declared, args };
  }

  #refuse(job: TaskJob, cause: Error): TaskJobOutcome {
    const error = new TaskRefusedError(
      `Job ${job.id} of task "${job.task}" was refused: ${messageOf(cause)}. The engine keeps it as failed.`,
      { cause },
    );
    this.log.error(error.message, error);
    return { status: 'refused', error };
  }

  async #run(
    job: TaskJob,
    attempt: number,
    declared: DeclaredTask,
    args: unknown[],
  ): Promise<TaskJobOutcome> {
    const route = this.#runtime.openEndlessScope().openRoute();
    const task = new JobTask(
      job,
      attempt,
      declared.functionFor({ context: () => undefined }),
      args,
      mergeTaskOptions(declared.options[job.phase], job.options),
      route,
      declared,
    );
    task.startedAtMs = this.#runtime.clock.now();
    if (route.resume(task)) this.#runtime.follow(task);
    return outcomeOf(task);
  }
}

async function outcomeOf(task: JobTask): Promise<TaskJobOutcome> {
  const outcome = await task.settled();
  switch (outcome.status) {
    case 'failed':
      return { status: 'failed', error: outcome.error };
    case 'enqueued': {
      const { retryAfterMs, retryError } = task;
      return retryAfterMs === undefined || !retryError
        ? { status: 'returned' }
        : { status: 'retry', afterMs: retryAfterMs, error: retryError };
    }
    case 'dropped':
      return { status: 'returned' };
    default:
      return { status: 'done' };
  }
}
