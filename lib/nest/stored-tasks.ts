import {
  aString,
  checkOptions,
  refuse,
} from '../core/options/check-options.js';
import type { StoredAccess } from '../durable/stored-access.js';
import type { StoredJob, StoredJobs } from '../durable/stored-jobs.js';
import {
  storedJobFilter,
  type StoredTaskAction,
} from '../durable/stored-task-filter.js';
import {
  STORED_STATUSES,
  type StoredSchedule,
  type StoredTask,
  type StoredTaskCounts,
  type StoredTaskFilter,
  type StoredTaskPage,
} from '../durable/stored-task.js';

const LISTED: StoredTaskAction = {
  statuses: STORED_STATUSES,
  isNarrow: false,
};

/** What a method that changes tasks does something about. */
const CHANGED = {
  retry: {
    statuses: ['failed', 'cancelled', 'succeeded'],
    unlessNamed: ['failed'],
    isNarrow: true,
  },
  cancel: { statuses: ['delayed', 'waiting', 'running'], isNarrow: true },
  remove: {
    statuses: ['delayed', 'waiting', 'succeeded', 'failed', 'cancelled'],
    isNarrow: true,
  },
} satisfies Partial<Record<keyof StoredJobs, StoredTaskAction>>;

/** How many tasks a page has by default, and at most. */
const PAGE = { usual: 50, most: 1_000 };

/**
 * The durable tasks in the store of the engine, of all processes that share it: to list
 * and inspect them, to run them again, and to cancel them wherever they are. A singleton.
 *
 * Every method rejects with `TaskEngineMissingError` in an application without an engine,
 * with `TaskNotSupportedError` when the engine has no access to stored tasks, with
 * `TaskStoreError` when the store fails, and with `TaskInvalidOptionError` for a queue that
 * this process does not know, in a filter as by itself. It knows those of its declared tasks,
 * those in `worker.queues`, and those that it has stored tasks in.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class Operations {
 *   constructor(private readonly stored: StoredTasks) {}
 *
 *   async runFailedPaymentsAgain() {
 *     for await (const task of this.stored.list({ name: 'payment.charge', status: 'failed' })) {
 *       console.log(task.id, task.args, task.error?.message);
 *     }
 *     return this.stored.retry({ name: 'payment.charge' });
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export class StoredTasks {
  readonly #access: StoredAccess;

  /** @internal Inject it: `TasksModule` creates one per application. */
  constructor(access: StoredAccess) {
    this.#access = access;
  }

  /**
   * The task with that id, or `undefined` when the store does not have it (any more).
   *
   * @param id the id of the task, or the `jobId` that its `enqueued` outcome has
   */
  async find(id: string): Promise<StoredTask | undefined> {
    const job = await this.#find('find', id);
    return job && this.#access.view(job);
  }

  /**
   * The tasks that match, those of one status after those of another: ended ones with the
   * last one first, with BullMQ and pg-boss in each queue, one queue after the other; others
   * in an order of the store. They are read in parts, while they are iterated over.
   *
   * @throws TaskInvalidOptionError for an unknown key of the filter, or an invalid value
   */
  list(filter: StoredTaskFilter = {}): AsyncIterable<StoredTask> {
    const wanted = storedJobFilter(filter, LISTED, 'The filters of list()');
    const access = this.#access;
    return (async function* () {
      for await (const part of access.parts('StoredTasks.list', wanted)) {
        for (const job of part) yield access.view(job);
      }
    })();
  }

  /**
   * One page of `list()`, for lists that are shown in parts, such as by an API.
   *
   * @param filter `limit` is the size of the page: 50 by default, 1,000 at most
   * @param cursor that of the page before
   * @throws (rejects with) TaskInvalidOptionError as `list()` does
   */
  async page(
    filter: StoredTaskFilter = {},
    cursor?: string,
  ): Promise<StoredTaskPage> {
    const what = 'The filters of page()';
    const { limit, ...wanted } = storedJobFilter(filter, LISTED, what);
    const size = Number.isFinite(limit) ? limit : PAGE.usual;
    if (size > PAGE.most) {
      refuse('limit', `at most ${PAGE.most} for a page`, size);
    }
    if (cursor !== undefined) aString(cursor, 'cursor');
    const page = await this.#access.ask('StoredTasks.page', (jobs) =>
      jobs.page(wanted, size, cursor),
    );
    return {
      tasks: page.jobs.map((job) => this.#access.view(job)),
      cursor: page.cursor,
    };
  }

  /**
   * How many tasks there are of each status, in one queue or in all. BullMQ knows it at
   * once; pg-boss and `inProcessEngine()` look at all tasks: tens of milliseconds for 100,000.
   */
  async counts(
    filter: Pick<StoredTaskFilter, 'queue'> = {},
  ): Promise<StoredTaskCounts> {
    const what = 'The filters of counts()';
    checkOptions(filter, { queue: aString }, what);
    const { queue } = filter;
    return this.#access.ask('StoredTasks.counts', (jobs) => jobs.counts(queue));
  }

  /**
   * Lets tasks that have ended run again, now and with all their retries; their `attempt`
   * continues, and they have no progress yet. A filter without a `status` means those that
   * failed. A task whose `key` another waiting task has by now is left alone.
   *
   * @param which the id of one task, or a filter that names something
   * @returns how many will run
   * @throws (rejects with) TaskInvalidOptionError for a filter that cannot be used
   */
  retry(which: string | StoredTaskFilter): Promise<number> {
    return this.#change('retry', which);
  }

  /**
   * Cancels tasks that have not ended. One that waits never runs. Of one that runs, in
   * whatever process, the signal fires within about a second, and it ends as `cancelled`.
   * After an occurrence of a recurring task that is cancelled, the next one follows.
   *
   * @param which the id of one task, or a filter that names something
   * @returns how many
   * @throws (rejects with) TaskInvalidOptionError for a filter that cannot be used
   */
  cancel(which: string | StoredTaskFilter): Promise<number> {
    return this.#change('cancel', which);
  }

  /**
   * Removes tasks from the store that do not run. BullMQ keeps the next occurrence of each
   * recurring task, which is not counted: remove its declaration instead, or `cancel()` it.
   *
   * @param which the id of one task, or a filter that names something
   * @returns how many
   * @throws (rejects with) TaskInvalidOptionError for a filter that cannot be used
   */
  remove(which: string | StoredTaskFilter): Promise<number> {
    return this.#change('remove', which);
  }

  /**
   * Lets no process start tasks of a queue, within about a second, until `resume()`. Those
   * that run continue, and others are still stored.
   */
  async pause(queue = 'default'): Promise<void> {
    aString(queue, 'queue');
    await this.#access.ask('StoredTasks.pause', (jobs) => jobs.pause(queue));
  }

  /** Ends the `pause()` of a queue. */
  async resume(queue = 'default'): Promise<void> {
    aString(queue, 'queue');
    await this.#access.ask('StoredTasks.resume', (jobs) => jobs.resume(queue));
  }

  /** Whether a queue is paused. */
  async isPaused(queue = 'default'): Promise<boolean> {
    aString(queue, 'queue');
    return this.#access.ask('StoredTasks.isPaused', (jobs) =>
      jobs.isPaused(queue),
    );
  }

  /** The names of the queues. */
  async queues(): Promise<readonly string[]> {
    return this.#access.ask('StoredTasks.queues', async (jobs) => jobs.queues);
  }

  /** The recurring tasks. */
  async schedules(): Promise<readonly StoredSchedule[]> {
    return this.#access.ask('StoredTasks.schedules', (jobs) =>
      jobs.schedules(),
    );
  }

  async #change(
    action: keyof typeof CHANGED,
    which: string | StoredTaskFilter,
  ): Promise<number> {
    const method = `StoredTasks.${action}`;
    const change = (part: readonly StoredJob[]) =>
      part.length === 0
        ? 0
        : this.#access.ask(method, (jobs) => jobs[action](part));
    if (typeof which === 'string') {
      const job = await this.#find(action, which);
      return job ? change([job]) : 0;
    }
    const what = `The filters of ${action}()`;
    const wanted = storedJobFilter(which, CHANGED[action], what);
    let changed = 0;
    for await (const part of this.#access.parts(method, wanted)) {
      changed += await change(part);
    }
    return changed;
  }

  async #find(method: string, id: string): Promise<StoredJob | undefined> {
    aString(id, 'id');
    return this.#access.ask(`StoredTasks.${method}`, (jobs) => jobs.find(id));
  }
}
