import type { Task } from '../../core/task/task.js';

/** An array that grows further would be copied again and again. */
const MOST_OF_GROUP = 1_000;

/** Tasks that came one after another from the same scope. */
interface Group {
  /** A task does not know its scope any more once it has settled. */
  readonly scope: number | undefined;
  readonly tasks: Task[];
}

/**
 * Tasks of which nothing is recorded yet, in the order in which they came. Adding one is all
 * that is done with it while thousands are scheduled in one turn of the event loop.
 */
export class PendingTasks {
  #groups: Group[] = [];
  #latest: Group | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param scope the number of its scope, if it has one */
  add(task: Task, scope: number | undefined): void {
    this.#size += 1;
    let latest = this.#latest;
    const isFull = latest && latest.tasks.length >= MOST_OF_GROUP;
    if (!latest || latest.scope !== scope || isFull) {
      latest = { scope, tasks: [] };
      this.#latest = latest;
      this.#groups.push(latest);
    }
    latest.tasks.push(task);
  }

  /** Keeps those for which this returns `true`. */
  sift(keep: (task: Task, scope: number | undefined) => boolean): void {
    const groups = this.#groups;
    this.#groups = [];
    this.#latest = undefined;
    this.#size = 0;
    for (const { scope, tasks } of groups) {
      for (const task of tasks) if (keep(task, scope)) this.add(task, scope);
    }
  }
}
