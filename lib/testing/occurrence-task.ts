import { ScheduledTask } from '../core/running/scheduled-task.js';
import type { TaskRuntime } from '../core/app/task-runtime.js';
import type { DeclaredTask } from '../core/task/declared-task.js';

/** One occurrence of a recurring task, run in the process of a test. */
export class OccurrenceTask extends ScheduledTask {
  readonly #dueMs: number;

  /** @param dueMs the date of the occurrence, in milliseconds since 1970 */
  constructor(runtime: TaskRuntime, declared: DeclaredTask, dueMs: number) {
    super(
      'immediate',
      declared.functionFor({ context: () => undefined }),
      [],
      declared.options.immediate,
      runtime.openEndlessScope().openRoute(),
      declared,
    );
    this.#dueMs = dueMs;
    this.scheduledAt = dueMs;
  }

  get scheduledFor(): Date {
    return new Date(this.#dueMs);
  }
}
