import { quoted } from '../core/base/describe.js';
import type { LogLines } from '../core/app/log-lines.js';
import { nextMicrotask, type Clock } from '../core/base/clock.js';
import { concealed, secretsIn } from '../core/base/concealed-error.js';
import { Deadline } from '../core/base/deadline.js';
import { TaskNotStoredError } from '../core/base/durable-errors.js';
import { toMilliseconds } from '../core/base/duration.js';
import { isDelayed } from '../core/options/delay.js';
import { aDuration, oneOf } from '../core/options/check-options.js';
import type {
  DurableDispatch,
  DurableTask,
} from '../core/running/durable-task.js';
import { WaitingTask } from '../core/running/waiting-task.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import {
  ContainedPropagation,
  type ContextCarriers,
} from './context-propagation.js';
import type { DurableEngine, TaskJob } from './durable-engine.js';
import { jobOf } from './envelope.js';
import { partsByLength } from './parts-by-length.js';
import { UnknownQueues } from './unknown-queues.js';
import { decodeArguments, encodeArguments } from './task-arguments.js';

/** The application around the dispatch. */
export interface DispatchHost {
  readonly clock: Clock;
  readonly lines: LogLines;
  /** Runs a task in this process, when its delay is over. */
  run(task: DurableTask): void;
  taskFellBack(task: DurableTask, error: Error): void;
}

/** A task, and the form in which it is stored. */
interface Entry {
  readonly task: DurableTask;
  readonly job: TaskJob;
  /** Keeps the async context of its call: the batch is stored in that of its first task. */
  readonly waiting: WaitingTask;
}

/**
 * Hands durable tasks over to the engine: those that are due together in one call,
 * limited in time. Each ends as `enqueued` or, if it could not be stored, as the
 * engine's `fallback` says.
 */
export class JobDispatch implements DurableDispatch {
  readonly canBeRequired = true;
  readonly #engine: DurableEngine;
  readonly #host: DispatchHost;
  readonly #propagation: ContainedPropagation;
  readonly #queues: UnknownQueues;
  readonly #timeoutMs: number;
  readonly #fallsBack: boolean;
  #batch: Entry[] = [];

  /** @throws TaskInvalidOptionError for an engine with invalid options */
  constructor(
    engine: DurableEngine,
    host: DispatchHost,
    carriers: ContextCarriers = {},
  ) {
    const { enqueueTimeout = '2s', fallback = 'in-process' } = engine;
    aDuration(enqueueTimeout, 'enqueueTimeout');
    oneOf('in-process', 'fail')(fallback, 'fallback');
    this.#engine = engine;
    this.#host = host;
    this.#queues = new UnknownQueues(engine, host.lines);
    this.#propagation = new ContainedPropagation(
      carriers,
      engine.name,
      host.lines,
    );
    this.#timeoutMs = toMilliseconds(enqueueTimeout, 'enqueueTimeout');
    this.#fallsBack = fallback === 'in-process';
  }

  get features(): DurableDispatch['features'] {
    return this.#engine.features ?? [];
  }

  get engine(): string {
    return this.#engine.name;
  }

  encode(declared: DeclaredTask, args: readonly unknown[]): string {
    return encodeArguments(this.#engine.codec, declared, args);
  }

  decode(declared: DeclaredTask, payload: string): unknown[] {
    return decodeArguments(this.#engine.codec, declared, payload);
  }

  checkQueues(tasks: readonly DeclaredTask[]): void {
    for (const task of tasks) {
      this.#queues.check(task, task.options.immediate.queue);
    }
  }

  store(task: DurableTask): void {
    if (task.declared) this.#queues.check(task.declared, task.options.queue);
    const waiting = WaitingTask.of(task);
    const context = this.#propagation.capture(task);
    const entry = { task, job: jobOf(task, context), waiting };
    const { transaction } = task.options;
    if (transaction !== undefined) {
      void this.#enqueue([entry], transaction);
      return;
    }
    this.#batch.push(entry);
    // All tasks that are due together come before this.
    if (this.#batch.length === 1) nextMicrotask(() => this.#flush());
  }

  #flush(): void {
    void this.#enqueueAll(this.#batch.splice(0));
  }

  /** Hands over a part at a time, so that one call does not take too long for its size. */
  async #enqueueAll(entries: readonly Entry[]): Promise<void> {
    let givenUp: Error | undefined;
    for (const part of partsByLength(entries, ({ job }) => job.args.length)) {
      // A store that has not stored one part in time gets no other.
      if (!givenUp) givenUp = await this.#enqueue(part);
      else this.#settle(part, Array<Error>(part.length).fill(givenUp));
    }
  }

  /** Returns an error when the engine took too long. */
  async #enqueue(
    entries: readonly Entry[],
    transaction?: unknown,
  ): Promise<Error | undefined> {
    const wanted = entries.filter(({ task }) => !task.isSettled);
    if (wanted.length === 0) return undefined;
    const storing = this.#storing(wanted, transaction);
    const deadline = new Deadline(this.#timeoutMs, this.#host.clock);
    let late: Error | undefined;
    let results: readonly (string | Error)[];
    try {
      const answer = await deadline.valueOf(
        storing,
        () =>
          (late = new Error(
            `it did not confirm within ${this.#timeoutMs} ms that it had stored it (enqueueTimeout)`,
          )),
      );
      results = answer.map((result) =>
        typeof result === 'string' ? result : concealedFor(wanted, result),
      );
    } catch (thrown) {
      const error = late ?? concealedFor(wanted, thrown);
      results = wanted.map(() => error);
    }
    this.#settle(wanted, results);
    // It may be stored all the same. What is in a transaction ends with that.
    if (late && transaction === undefined) {
      void this.#takeBackLate(storing, wanted);
    }
    return late;
  }

  #settle(
    entries: readonly Entry[],
    results: readonly (string | Error)[],
  ): void {
    entries.forEach(({ task, job, waiting }, index) => {
      const result = results[index] ?? job.id;
      if (typeof result === 'string') {
        waiting.runInAsyncScope(this.#stored, this, task, job, result);
      } else {
        waiting.runInAsyncScope(this.#notStored, this, task, result);
      }
    });
  }

  /** Rejects when the engine throws. */
  async #storing(
    entries: readonly Entry[],
    transaction: unknown,
  ): Promise<readonly (string | Error)[]> {
    return this.#engine.enqueue(
      entries.map(({ job }) => job),
      transaction,
    );
  }

  /** Cancels what turns out to be stored after it was given up. */
  async #takeBackLate(
    storing: Promise<readonly (string | Error)[]>,
    entries: readonly Entry[],
  ): Promise<void> {
    const results = await storing.catch(() => []);
    entries.forEach(({ task, job }, index) => {
      const result = results[index];
      // Another call may rely on the job that has its key.
      if (typeof result === 'string' && job.key === undefined) {
        void this.#remove(task, result);
      }
    });
  }

  #stored(task: DurableTask, job: TaskJob, jobId: string): void {
    if (task.settle({ status: 'enqueued', jobId })) return;
    // It was cancelled in the meantime, so its job is removed if it has not begun. With a
    // key, another call that was not cancelled may rely on the same job.
    if (job.key !== undefined) return;
    void this.#remove(task, jobId);
  }

  async #remove(task: DurableTask, jobId: string): Promise<void> {
    const { lines } = this.#host;
    try {
      if (!(await this.#engine.cancel(jobId))) lines.begunAlready(task, jobId);
    } catch (error) {
      lines.notRemoved(task, jobId, error);
    }
  }

  #notStored(task: DurableTask, cause: Error): void {
    if (task.isSettled) return;
    const error = new TaskNotStoredError(
      `Task ${quoted(task.name)} (${task.id}) could not be stored by ${this.#engine.name}: ${cause.message}`,
      { cause },
    );
    // A task of a transaction that may be rolled back must not run without it, and no
    // response can wait for a delay.
    const { transaction } = task.options;
    const isAwaited = task.phase === 'afterRoute' && isDelayed(task.options);
    const canRunHere = this.#fallsBack && !task.declared?.isElsewhere;
    if (!canRunHere || transaction !== undefined || isAwaited) {
      task.settle({ status: 'failed', error });
      return;
    }
    this.#host.taskFellBack(task, error);
    this.#host.run(task);
  }
}

/** A database may quote in its messages what it was to store. */
function concealedFor(entries: readonly Entry[], error: unknown): Error {
  const ids = entries.map(({ job }) => job.id);
  return concealed(error, [
    ...ids,
    ...secretsIn(entries.map(({ task }) => task.args)),
  ]);
}
