import { TaskNotSupportedError } from '../../core/base/durable-errors.js';
import type {
  StoredTask,
  StoredTaskFilter,
} from '../../durable/stored-task.js';
import type { StoredTasks } from '../../nest/stored-tasks.js';
import { visibleArguments, type ShowArguments } from '../visible-arguments.js';
import type {
  ActionResult,
  QueueAction,
  QueueRow,
  ScheduleRow,
  StoredAction,
  StoredPageRow,
  StoredTaskRow,
  StoreOverview,
} from '../wire/stored.js';

const PAGE_SIZE = 50;

/** What the page shows of the store, and does to it. All its methods reject as those of `StoredTasks` do. */
export class StoreView {
  readonly #stored: StoredTasks;
  readonly #show: ShowArguments | undefined;

  constructor(stored: StoredTasks, show: ShowArguments | undefined) {
    this.#stored = stored;
    this.#show = show;
  }

  async overview(): Promise<StoreOverview> {
    const names = await this.#stored.queues();
    const [queues, schedules] = await Promise.all([
      Promise.all(names.map((name) => this.#queue(name))),
      this.#schedules(),
    ]);
    return { queues, schedules };
  }

  /** The task with the `id` that is asked for, or one page of those that match. */
  async tasks(asked: URLSearchParams): Promise<StoredPageRow> {
    const id = asked.get('id');
    if (id) {
      const found = await this.#stored.find(id);
      return { tasks: found ? [this.#row(found)] : [] };
    }
    const filter = { ...filterOf(asked), limit: PAGE_SIZE };
    const page = await this.#stored.page(
      filter,
      asked.get('cursor') ?? undefined,
    );
    return {
      tasks: page.tasks.map((task) => this.#row(task)),
      cursor: page.cursor,
    };
  }

  async change(
    action: StoredAction,
    asked: URLSearchParams,
  ): Promise<ActionResult> {
    const which = asked.get('id') ?? filterOf(asked);
    return { changed: await this.#stored[action](which) };
  }

  async turn(action: QueueAction, queue: string): Promise<ActionResult> {
    const isPaused = await this.#stored.isPaused(queue);
    await this.#stored[action](queue);
    return { changed: isPaused === (action === 'pause') ? 0 : 1 };
  }

  async #queue(name: string): Promise<QueueRow> {
    const [counts, isPaused] = await Promise.all([
      this.#stored.counts({ queue: name }),
      this.#stored.isPaused(name),
    ]);
    return { name, counts, isPaused };
  }

  /** An engine need not have recurring tasks. */
  async #schedules(): Promise<readonly ScheduleRow[]> {
    try {
      return await this.#stored.schedules();
    } catch (error) {
      if (error instanceof TaskNotSupportedError) return [];
      throw error;
    }
  }

  #row(task: StoredTask): StoredTaskRow {
    const { args = [], progress: _progress, result: _result, ...rest } = task;
    return { ...rest, args: visibleArguments({ ...task, args }, this.#show) };
  }
}

/** What is asked for; the store refuses a status that does not exist. */
function filterOf(asked: URLSearchParams): StoredTaskFilter {
  const named = ['name', 'status', 'queue', 'key'].flatMap((part) => {
    const value = asked.get(part);
    return value ? [[part, value] as const] : [];
  });
  return Object.fromEntries(named);
}
