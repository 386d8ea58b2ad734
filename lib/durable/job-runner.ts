import { AsyncResource } from 'node:async_hooks';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import { excerpt, quoted } from '../core/base/describe.js';
import { concealed, withoutCredentials } from '../core/base/concealed-error.js';
import {
  TaskLostError,
  TaskRefusedError,
} from '../core/base/durable-errors.js';
import { messageOf, toError } from '../core/base/to-error.js';
import type { TaskRoute } from '../core/scope/task-route.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import { runInTask } from '../core/task/task-context.js';
import {
  ContainedPropagation,
  type ContextCarriers,
} from './context-propagation.js';
import type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  JobRunDetails,
  TaskJob,
  TaskJobOutcome,
} from './durable-engine.js';
import { jobFrom, optionsOf, UnknownJobError } from './envelope.js';
import { lossOf, outcomeOf } from './job-outcome.js';
import { JobTask, type JobProgress } from './job-task.js';
import { declarationOf, schedulesOf, whySkipped } from './occurrence.js';
import { storedError } from './stored-error.js';
import { encodeValue } from './stored-value.js';
import { storedArguments } from './task-arguments.js';
import type { ScheduleChanges, TaskSchedule } from './task-schedule.js';

/** Names come from a store, so the list of those that were warned of has a limit. */
const MOST_NAMES = 1_000;

/** Runs the jobs that the engine takes from its store, as tasks of this application. */
export class JobRunner implements EngineHost {
  /** What engines log comes from drivers, whose errors may show credentials. */
  readonly log: EngineHost['log'];
  readonly #runtime: TaskRuntime;
  readonly #codec: ArgumentCodec;
  readonly #engineName: string;
  readonly #propagation: ContainedPropagation;
  /** Of the bootstrap: a job must not see the request in which an engine happens to run it. */
  readonly #context = new AsyncResource('nestjs-tasks');
  /** Of all jobs: they belong to no scope of this process. */
  readonly #route: TaskRoute;
  /** The names of unknown tasks that were warned of. */
  readonly #warned = new Set<string>();
  #schedules: readonly TaskSchedule[] | undefined;

  constructor(
    runtime: TaskRuntime,
    { codec, name }: Pick<DurableEngine, 'codec' | 'name'>,
    carriers: ContextCarriers = {},
  ) {
    const { log } = runtime;
    this.log = {
      error: (message, error) =>
        log.error(withoutCredentials(message), error && concealed(error)),
      warn: (message) => log.warn(withoutCredentials(message)),
    };
    this.#runtime = runtime;
    this.#codec = codec;
    this.#engineName = name;
    this.#propagation = new ContainedPropagation(carriers, name, runtime.lines);
    this.#route = runtime.openEndlessScope().openRoute();
  }

  get queues(): readonly string[] {
    return this.#runtime.registry.queues();
  }

  /** Those that are known when the engine starts. */
  get schedules(): readonly TaskSchedule[] {
    return (this.#schedules ??= schedulesOf(this.#runtime.registry));
  }

  schedulesChanged(changes: ScheduleChanges): void {
    this.#runtime.lines.schedulesChanged(changes, this.schedules);
  }

  async run(
    data: unknown,
    attempt: number,
    details: JobRunDetails = {},
  ): Promise<TaskJobOutcome> {
    try {
      return await this.#context.runInAsyncScope(
        this.#run,
        this,
        data,
        attempt,
        details,
      );
    } catch (thrown) {
      // Not an error of the task: a bug must fail one job, and not be retried for ever.
      const error = toError(thrown, 'unknown');
      this.#runtime.lines.jobBroke(error);
      return { status: 'failed', error: storedError(error) };
    }
  }

  async #run(
    data: unknown,
    attempt: number,
    details: JobRunDetails,
  ): Promise<TaskJobOutcome> {
    const { failures, signal } = details;
    let job: TaskJob | undefined;
    let declared: DeclaredTask;
    let args: unknown[];
    try {
      job = jobFrom(data);
      declared = declarationOf(job, this.#runtime.registry);
      args = await storedArguments(this.#codec, declared, job);
    } catch (thrown) {
      const error = toError(thrown, job?.task ?? 'unknown');
      return error instanceof UnknownJobError
        ? this.#putBack(job ?? data, error)
        : this.#refuse(job, error);
    }
    const checked = job;
    const skipped = await whySkipped(
      { job, declared, attempt, ...details },
      this.#runtime.clock.date(),
    );
    if (!this.#runtime.shutdown.isOpen) return { status: 'returned' };
    if (signal?.aborted) return { status: 'lost', error: lossOf(signal) };
    const task = this.#propagation.restore(job.context, job.task, () =>
      this.#start(
        checked,
        { attempt, failures, report: this.#reportTo(details, checked) },
        declared,
        args,
        skipped,
      ),
    );
    const unlink = signal && this.#loseOn(signal, task);
    const outcome = task.outcome ?? (await task.settled());
    unlink?.();
    if (outcome.status === 'succeeded' && declared.keepResultMs !== undefined) {
      return this.#keep(outcome.value, task, declared.keepResultMs);
    }
    const ended = outcomeOf(task, outcome);
    if (ended.status === 'returned')
      this.#runtime.lines.givenBack(task, this.#engineName);
    return ended;
  }

  /** What stores the progress of a job, if the engine can. */
  #reportTo(
    { progress }: JobRunDetails,
    { task }: TaskJob,
  ): JobProgress['report'] {
    return (
      progress &&
      (async (value) =>
        progress(encodeValue(this.#codec, value, 'progress', task)))
    );
  }

  /** A task that has done its work has succeeded, also if its result cannot be stored. */
  #keep(value: unknown, task: JobTask, keepMs: number): TaskJobOutcome {
    try {
      const { name } = task;
      const result = encodeValue(this.#codec, value, 'result', name);
      return { status: 'done', result, keepMs };
    } catch (error) {
      this.#runtime.lines.resultNotKept(error);
      return { status: 'done' };
    }
  }

  /** @param job undefined when it is not one */
  #refuse(job: TaskJob | undefined, cause: Error): TaskJobOutcome {
    const error = new TaskRefusedError(
      `${labelOf(job)} was refused: ${messageOf(cause)}. The engine keeps it as failed.`,
      { cause },
    );
    this.#runtime.lines.refused(error);
    return { status: 'refused', error };
  }

  /** @param job may be of a newer form */
  #putBack(job: unknown, { message }: UnknownJobError): TaskJobOutcome {
    const error = new TaskRefusedError(
      `${labelOf(job)} cannot be run by this process: ${message}. ` +
        'The engine puts it back for another worker, and keeps it as failed if none can run it for long (unknownFor).',
    );
    const name = String(partOf(job, 'task'));
    if (!this.#warned.has(name)) {
      if (this.#warned.size >= MOST_NAMES) this.#warned.clear();
      this.#warned.add(name);
      this.#runtime.lines.unknownJob(error);
    }
    return { status: 'unknown', error };
  }

  /** Ends the task when the signal fires, until the returned function is called. */
  #loseOn(signal: AbortSignal, task: JobTask): () => void {
    const lose = () => {
      const reason = lossOf(signal, task);
      if (!task.lose(reason) || reason instanceof TaskLostError) return;
      this.#runtime.lines.cancelledInStore(task, reason);
    };
    signal.addEventListener('abort', lose, { once: true });
    return () => signal.removeEventListener('abort', lose);
  }

  #start(
    job: TaskJob,
    progress: JobProgress,
    declared: DeclaredTask,
    args: unknown[],
    skipped: string | undefined,
  ): JobTask {
    const task = new JobTask(
      job,
      progress,
      declared.functionFor({ context: () => undefined }),
      args,
      optionsOf(job, declared),
      this.#route,
      declared,
    );
    if (skipped !== undefined) {
      this.#runtime.lines.occurrenceSkipped(task, skipped);
      this.#route.resume(task);
      task.settle({ status: 'skipped', reason: skipped });
    } else if (this.#route.resume(task)) {
      runInTask(task, () => this.#runtime.runner.run(task));
    }
    return task;
  }
}

/** How a log line names what a store returned. */
function labelOf(job: unknown): string {
  const [id, task] = [partOf(job, 'id'), partOf(job, 'task')];
  return id !== undefined && task !== undefined
    ? `Job ${excerpt(id)} of task ${quoted(task)}`
    : 'A job';
}

function partOf(job: unknown, part: 'id' | 'task'): string | undefined {
  const value = (Object(job) as Partial<Record<'id' | 'task', unknown>>)[part];
  return typeof value === 'string' ? value : undefined;
}
