import { concealed } from '../core/base/concealed-error.js';
import {
  TaskEngineMissingError,
  TaskNotSupportedError,
  TaskStoreError,
} from '../core/base/durable-errors.js';
import { TaskError } from '../core/base/task-error.js';
import type { DurableEngine } from './durable-engine.js';
import type { StoredJob, StoredJobFilter, StoredJobs } from './stored-jobs.js';
import type { StoredTask } from './stored-task.js';
import { storedTaskOf } from './stored-task-view.js';

/** How many jobs are read, or changed, by one call of the engine. */
const PAGE_SIZE = 100;

/** Access to the jobs in the store of an application's engine. */
export class StoredAccess {
  readonly #engine: DurableEngine | undefined;
  readonly #isTest: boolean;

  /** @param isTest whether a test mode runs durable tasks without the engine */
  constructor(engine: DurableEngine | undefined, isTest: boolean) {
    this.#engine = engine;
    this.#isTest = isTest;
  }

  /**
   * Calls the engine.
   *
   * @param method for errors
   * @throws (rejects with) TaskEngineMissingError, TaskNotSupportedError, or TaskStoreError
   * when the store fails
   */
  async ask<T>(
    method: string,
    call: (jobs: StoredJobs) => Promise<T>,
  ): Promise<T> {
    const jobs = this.#jobs(method);
    try {
      return await call(jobs);
    } catch (thrown) {
      if (thrown instanceof TaskError) throw thrown;
      const cause = concealed(thrown);
      throw new TaskStoreError(
        `${method}() failed in the store of ${this.#engine?.name}: ${cause.message}`,
        { cause },
      );
    }
  }

  /** @throws TaskError when there is no engine */
  view(job: StoredJob): StoredTask {
    if (!this.#engine) throw new TaskEngineMissingError(['StoredTasks']);
    return storedTaskOf(job, this.#engine.codec);
  }

  /** The jobs that match, in parts. */
  async *parts(
    method: string,
    { limit, ...filter }: StoredJobFilter & { readonly limit: number },
  ): AsyncGenerator<readonly StoredJob[], void> {
    // Before the first page, so that a missing engine is reported for any filter.
    this.#jobs(method);
    if (filter.statuses.length === 0) return;
    let left = limit;
    let cursor: string | undefined;
    do {
      const size = Math.min(left, PAGE_SIZE);
      const page = await this.ask(method, (jobs) =>
        jobs.page(filter, size, cursor),
      );
      left -= page.jobs.length;
      cursor = page.cursor;
      yield page.jobs;
    } while (cursor !== undefined && left > 0);
  }

  #jobs(method: string): StoredJobs {
    if (!this.#engine) throw new TaskEngineMissingError([`${method}()`]);
    if (this.#isTest) {
      throw new TaskNotSupportedError(
        `${method}() needs stored tasks, and the modes of TasksTestingModule store none. ` +
          'Test it without TasksTestingModule, with `engine: inProcessEngine()`.',
      );
    }
    const { name, stored } = this.#engine;
    if (stored) return stored;
    throw new TaskNotSupportedError(
      `${method}() is not possible with the engine "${name}", which has no \`stored\`. All engines of nestjs-tasks have it.`,
    );
  }
}
