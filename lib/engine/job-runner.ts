import type { DeclaredTask } from '../core/declared-task.js';
import { TaskRefusedError } from '../core/errors.js';
import { mergeTaskOptions, type TaskOptions } from '../core/task-options.js';
import type { TaskOutcome } from '../core/task-outcome.js';
import type { TaskRoute } from '../core/task-route.js';
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
  /** Of all jobs: they belong to no unit of work here. */
  readonly #route: TaskRoute;

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
    this.#route = runtime.openEndlessScope().openRoute();
  }

  get log(): EngineHost['log'] {
    return this.#runtime.log;
  }

  async run(job: TaskJob, attempt: number): Promise<TaskJobOutcome> {
    if (!this.#runtime.shutdown.isOpen) return { status: 'returned' };
    let declared: DeclaredTask;
    let args: unknown[];
    try {
      declared = this.#declarationOf(job);
      args = this.#codec.decode(job.args);
      const { schema } = declared;
      if (schema) await checkSchema(schema, args, job.task);
    } catch (error) {
      return this.#refuse(job, toError(error, job.task));
    }
    const task = this.#propagation.restore(job.context, job.task, () =>
      this.#start(job, attempt, declared, args),
    );
    return outcomeOf(task, task.outcome ?? (await task.settled()));
  }

  /** @throws an error that says why this worker cannot run it */
  #declarationOf(job: TaskJob): DeclaredTask {
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
    return declared;
  }

  #refuse(job: TaskJob, cause: Error): TaskJobOutcome {
    const error = new TaskRefusedError(
      `Job ${job.id} of task "${job.task}" was refused: ${messageOf(cause)}. The engine keeps it as failed.`,
      { cause },
    );
    this.log.error(error.message, error);
    return { status: 'refused', error };
  }

  #start(
    job: TaskJob,
    attempt: number,
    declared: DeclaredTask,
    args: unknown[],
  ): JobTask {
    const task = new JobTask(
      job,
      attempt,
      declared.functionFor({ context: () => undefined }),
      args,
      optionsOf(job, declared),
      this.#route,
      declared,
    );
    task.startedAtMs = Math.round(this.#runtime.clock.now());
    if (this.#route.resume(task)) this.#runtime.follow(task);
    return task;
  }
}

function optionsOf(
  { phase, options }: TaskJob,
  declared: DeclaredTask,
): Readonly<TaskOptions> {
  const base = declared.options[phase];
  return Object.keys(options).length > 0
    ? mergeTaskOptions(base, options)
    : base;
}

function outcomeOf(task: JobTask, outcome: TaskOutcome): TaskJobOutcome {
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
