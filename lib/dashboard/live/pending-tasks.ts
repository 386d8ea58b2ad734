import type { Task } from '../../core/task/task.js';

/** What V8 makes room for at first: an array that grows further is copied again and again. */
const MOST_OF_GROUP = 16;

/** What is known of a pending task. */
export interface PendingTask {
  /** The number of its scope, if it has one. The task forgets its scope when it settles. */
  readonly scope: number | undefined;
}

/** Tasks that came one after another from the same scope. */
interface Group extends PendingTask {
  readonly tasks: (Task | undefined)[];
  /** The place of the oldest task; those before it are gone. */
  oldest: number;
}

/**
 * Tasks of which nothing is recorded yet, in the order in which they came. Adding one is all
 * that is done with it while thousands are scheduled in one turn of the event loop.
 */
export class PendingTasks {
  #groups: Group[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param scope the number of its scope, if it has one */
  add(task: Task, scope: number | undefined): void {
    this.#size += 1;
    let latest = this.#groups.at(-1);
    const isFull = latest && latest.tasks.length >= MOST_OF_GROUP;
    if (!latest || latest.scope !== scope || isFull) {
      latest = { scope, tasks: [], oldest: 0 };
      this.#groups.push(latest);
    }
    latest.tasks.push(task);
  }

  /**
   * Removes the task if it is the oldest, as most are when they settle, and returns what is
   * known of it: its memory cannot be used again while it is here.
   */
  removeOldest(task: Task): PendingTask | undefined {
    const [group] = this.#groups;
    if (group?.tasks[group.oldest] !== task) return undefined;
    group.tasks[group.oldest] = undefined;
    group.oldest += 1;
    if (group.oldest === group.tasks.length) this.#groups.shift();
    this.#size -= 1;
    return group;
  }

  /** Keeps those for which this returns `true`. */
  sift(keep: (task: Task, scope: number | undefined) => boolean): void {
    this.#size = 0;
    for (const group of this.#groups) {
      const { scope, tasks, oldest } = group;
      let kept = 0;
      for (let place = oldest; place < tasks.length; place += 1) {
        const task = tasks[place];
        if (!task || !keep(task, scope)) continue;
        tasks[kept] = task;
        kept += 1;
      }
      tasks.length = kept;
      group.oldest = 0;
      this.#size += kept;
    }
    this.#groups = this.#groups.filter(({ tasks }) => tasks.length > 0);
  }
}
