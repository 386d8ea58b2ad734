import type { LogLines } from '../core/app/log-lines.js';
import { DEFAULT_QUEUE } from '../core/running/durable-task.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import type { DurableEngine } from './durable-engine.js';

/** Warns, once for each queue, of tasks that may wait for a worker for ever. */
export class UnknownQueues {
  readonly #engine: Pick<DurableEngine, 'knowsQueue'>;
  readonly #lines: LogLines;
  readonly #warned = new Set<string>();

  constructor(engine: Pick<DurableEngine, 'knowsQueue'>, lines: LogLines) {
    this.#engine = engine;
    this.#lines = lines;
  }

  /** @param queue `undefined` for the default one */
  check(
    { name, isElsewhere }: DeclaredTask,
    queue: string = DEFAULT_QUEUE,
  ): void {
    // What the other applications work that have its method is not known here.
    if (isElsewhere || this.#engine.knowsQueue?.(queue) !== false) return;
    if (this.#warned.has(queue)) return;
    this.#warned.add(queue);
    this.#lines.queueNotWorked(name, queue);
  }
}
