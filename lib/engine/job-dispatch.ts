import { aDuration, oneOf } from '../core/check-options.js';
import { nextMicrotask, type Clock } from '../core/clock.js';
import type { DurableTask } from '../core/durable-task.js';
import { toMilliseconds } from '../core/duration.js';
import { TaskNotStoredError } from '../core/errors.js';
import type { TaskLog } from '../core/task-log.js';
import type { TaskOptions } from '../core/task-options.js';
import { messageOf } from '../core/to-error.js';
import { WaitingTask } from '../core/waiting-task.js';
import {
  ContainedPropagation,
  type ContextPropagation,
} from './context-propagation.js';
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

/** A task, and the form in which it is stored. */
interface Entry {
  readonly task: DurableTask;
  readonly job: TaskJob;
  /** Keeps the async context of its call: the batch is stored in that of its first. */
  readonly waiting: WaitingTask;
}

/**
 * Hands durable tasks over to the engine: those whose moment comes together in one
 * call, bounded in time. Each ends as `enqueued`, or, when it could not be stored, as
 * the engine's `fallback` says.
 */
export class JobDispatch extends DurableArguments {
  readonly #engine: DurableEngine;
  readonly #host: DispatchHost;
  readonly #propagation: ContainedPropagation;
  readonly #timeoutMs: number;
  readonly #fallsBack: boolean;
  #batch: Entry[] = [];

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
    this.#propagation = new ContainedPropagation(propagation, host.log);
    this.#timeoutMs = toMilliseconds(enqueueTimeout, 'enqueueTimeout');
    this.#fallsBack = fallback === 'in-process';
  }

  store(task: DurableTask): void {
    const waiting = WaitingTask.of(task);
    const entry = { task, job: this.#jobOf(task), waiting };
    const { transaction } = task.options;
    if (transaction !== undefined) {
      void this.#store([entry], transaction);
      return;
    }
    this.#batch.push(entry);
    // The moment of all that waited for the same one comes before this.
    if (this.#batch.length === 1) nextMicrotask(() => this.#flush());
  }

  #flush(): void {
    void this.#store(this.#batch.splice(0));
  }

  async #store(
    entries: readonly Entry[],
    transaction?: unknown,
  ): Promise<void> {
    const stored = entries.filter(({ task }) => !task.isSettled);
    if (stored.length === 0) return;
    try {
      const jobs = stored.map(({ job }) => job);
      const jobIds = await this.#inTime(
        this.#engine.enqueue(jobs, transaction),
      );
      stored.forEach(({ task, job, waiting }, index) =>
        waiting.runInAsyncScope(
          this.#stored,
          this,
          task,
          job,
          jobIds[index] ?? job.id,
        ),
      );
    } catch (error) {
      const isTransactional = transaction !== undefined;
      for (const { task, waiting } of stored) {
        waiting.runInAsyncScope(
          this.#notStored,
          this,
          task,
          error,
          isTransactional,
        );
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
    const context = this.#propagation.capture(name);
    return {
      version: JOB_VERSION,
      id,
      task: name,
      args: payload,
      phase,
      ...(key !== undefined && { key }),
      options: differing(options, base),
      ...(context && { context }),
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
