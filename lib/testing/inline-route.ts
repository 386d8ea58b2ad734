import { isDelayed } from '../core/options/delay.js';
import type { ScheduledTask } from '../core/running/scheduled-task.js';
import { verdictOf, type RouteEnd } from '../core/scope/route-end.js';
import { TaskRoute } from '../core/scope/task-route.js';
import type { RouteVerdict } from '../core/task/task-phase.js';

/**
 * A route whose response waits for all its tasks. Its after-response tasks cannot wait
 * for that response: they are due when the after-route tasks are done.
 */
export class InlineRoute extends TaskRoute {
  readonly #tasks = new Set<ScheduledTask>();
  /** From the end of the handler on; `undefined` inside until its after-route tasks are done. */
  #early: { verdict: RouteVerdict | undefined } | undefined;

  override start(): void {
    if (this.hasEnded) this.#early = undefined;
    super.start();
  }

  override end(end: RouteEnd): Promise<void> | undefined {
    const ended = this.#end(end);
    if (!end.isUnawaited) return ended;
    // A required task that fails is reported like any other.
    ended.catch(() => {});
    return undefined;
  }

  async #end(end: RouteEnd): Promise<void> {
    const drained = this.endHandler(end);
    const early: { verdict: RouteVerdict | undefined } = { verdict: undefined };
    this.#early = early;
    try {
      await drained;
      early.verdict = verdictOf(!end.failed);
    } catch (error) {
      early.verdict = 'failure';
      throw error;
    } finally {
      this.settle();
      await this.#settleAll();
    }
  }

  protected override register(task: ScheduledTask): boolean {
    // The response cannot wait for a delay.
    if (!isDelayed(task.options)) this.#tasks.add(task);
    return super.register(task);
  }

  protected override afterResponseVerdict(): RouteVerdict | undefined {
    return this.#early ? this.#early.verdict : super.afterResponseVerdict();
  }

  /** Error handlers included, and the tasks that tasks have scheduled. */
  async #settleAll(): Promise<void> {
    for (let known = -1; known < this.#tasks.size;) {
      known = this.#tasks.size;
      await Promise.all([...this.#tasks].map((task) => task.settled()));
      await this.host.handled(this.#tasks);
    }
    this.#tasks.clear();
  }
}
