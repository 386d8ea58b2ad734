import { aDuration, oneOf } from '../core/check-options.js';
import type { Clock } from '../core/clock.js';
import type { DurableTask } from '../core/durable-task.js';
import { toMilliseconds } from '../core/duration.js';
import { TaskNotStoredError } from '../core/errors.js';
import type { TaskLog } from '../core/task-log.js';
import type { TaskOptions } from '../core/task-options.js';
import { messageOf } from '../core/to-error.js';
import type { DurableEngine, TaskJob } from './durable-engine.js';
import { JOB_VERSION } from './job-version.js';
import { DurableArguments } from './durable-arguments.js';

/** The application around the dispatch. */
export interface DispatchHost {
  readonly clock: Clock;
  readonly log: TaskLog;
  /** Runs a task in this process. */
  run(task: DurableTask): void;
  taskFellBack(task: DurableTask, error: Error): void;
}

/**
 * Links a task to what surrounds its call, such as a trace.
 *
 * @publicApi
 */
export interface ContextPropagation {
  /** What travels with a task, taken when it is stored. */
  capture(): Readonly<Record<string, string>>;
  /** Runs `fn` in what was captured. */
  restore<T>(context: Readonly<Record<string, string>>, fn: () => T): T;
}

/**
 * Hands durable tasks over to the engine: those whose moment comes together in one
 * call, bounded in time. Each ends as `enqueued`, or, when it could not be stored, as
 * the engine's `fallback` says.
 */
export class JobDispatch extends DurableArguments {
  readonly #engine: DurableEngine;
  readonly #host: DispatchHost;
  readonly #propagation: ContextPropagation | undefined;
  readonly #timeoutMs: number;
  readonly #fallsBack: boolean;
  #batch: { task: DurableTask; job: TaskJob }[] = [];

  /** @throws TaskInvalidOptionError for an engine whose options cannot be used */
  constructor(
    engine: DurableEngine,
    host: DispatchHost,
    propagation?: ContextPropagation,
  ) {
    super(engine.codec);
    const { enqueueTimeout = '2s', fallback = 'in-process' } = engine;
    aDuration(enqueueTimeout, 'enqueueTimeout');
    oneOf('in-process', 'fail')(fallback, 'fallback');
    this.#engine = engine;
    this.#host = host;
    this.#propagation = propagation;
    this.#timeoutMs = toMilliseconds(enqueueTimeout, 'enqueueTimeout');
    this.#fallsBack = fallback === 'in-process';
  }

  store(task: DurableTask): void {
    const entry = { task, job: this.#jobOf(task) };
    const { transaction } = task.options;
    if (transaction !== undefined) {
      void this.#store([entry], transaction);
      return;
    }
    this.#batch.push(entry);
    // The moment of all that waited for the same one comes before this.
    if (this.#batch.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    void this.#store(this.#batch.splice(0));
  }

  async #store(
    entries: { task: DurableTask; job: TaskJob }[],
    transaction?: unknown,
  ): Promise<void> {
    const waiting = entries.filter(({ task }) => !task.isSettled);
    if (waiting.length === 0) return;
    try {
      const jobs = waiting.map(({ job }) => job);
      const jobIds = await this.#inTime(
        this.#engine.enqueue(jobs, transaction),
      );
      waiting.forEach(({ task, job }, index) =>
        this.#stored(task, job, jobIds[index] ?? job.id),
      );
    } catch (error) {
      for (const { task } of waiting) {
        this.#notStored(task, error, transaction !== undefined);
      }
    }
  }

  #stored(task: DurableTask, job: TaskJob, jobId: string): void {
    if (task.settle({ status: 'enqueued', jobId })) return;
    // Cancelled in the meantime: where it still can be, it is taken back. With a key it
    // may be the job of another call, which nobody has cancelled.
    if (job.key !== undefined && jobId !== job.id) return;
    this.#engine.cancel(jobId).catch((error: unknown) => {
      this.#host.log.error(
        `Task "${task.name}" (${task.id}) was cancelled while it was being stored, and its job ${jobId} could not be removed: ${messageOf(error)}`,
        error,
      );
    });
  }

  #notStored(
    task: DurableTask,
    cause: unknown,
    isTransactional: boolean,
  ): void {
    if (task.isSettled) return;
    const error = new TaskNotStoredError(
      `Task "${task.name}" (${task.id}) could not be stored by ${this.#engine.name}: ${messageOf(cause)}`,
      { cause },
    );
    // What is not stored by a transaction that may be rolled back must not run.
    if (!this.#fallsBack || isTransactional) {
      task.settle({ status: 'failed', error });
      return;
    }
    this.#host.log.warn(
      `${error.message}. It runs in this process instead, under the same id; if it was stored after all, it runs twice.`,
    );
    this.#host.taskFellBack(task, error);
    this.#host.run(task);
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    let stopTimer: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      stopTimer = this.#host.clock.after(this.#timeoutMs, () =>
        reject(
          new Error(
            `it has not said within ${this.#timeoutMs} ms that it did (enqueueTimeout)`,
          ),
        ),
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      stopTimer?.();
    }
  }

  #jobOf(task: DurableTask): TaskJob {
    const { declared, options, id, phase, key, payload } = task;
    const name = declared?.name ?? task.name;
    const base = declared?.options[phase] ?? {};
    return {
      version: JOB_VERSION,
      id,
      task: name,
      args: payload,
      phase,
      ...(key !== undefined && { key }),
      options: differing(options, base),
      ...(this.#propagation && { context: this.#propagation.capture() }),
    };
  }
}

/** The options of the call that travel: those that are not what the declaration says anyway. */
function differing(
  options: Readonly<TaskOptions>,
  declared: Readonly<TaskOptions>,
): TaskJob['options'] {
  const { name, shield, timeout, retries, backoff } = options;
  return {
    ...(name !== declared.name && { name }),
    ...(shield !== declared.shield && { shield }),
    ...(timeout !== declared.timeout && { timeout }),
    ...(retries !== declared.retries && { retries }),
    ...(backoff !== declared.backoff &&
      typeof backoff === 'object' && { backoff }),
  };
}
