import type {
  DurableDispatch,
  DurableTask,
} from '../core/running/durable-task.js';
import type { ScheduledTask } from '../core/running/scheduled-task.js';
import { TaskRoute } from '../core/scope/task-route.js';
import type { DeclaredTask } from '../core/task/declared-task.js';
import { runInTask } from '../core/task/task-context.js';
import type { DurableEngine } from './durable-engine.js';
import { decodeArguments, encodeArguments } from './task-arguments.js';

/** What is needed of an engine that stores nothing. */
type EngineFacts = Pick<DurableEngine, 'name' | 'codec' | 'features'>;

/**
 * Runs durable tasks in this process and stores nothing, for tests. Their arguments are
 * still encoded and decoded as in production.
 */
export class LocalDispatch implements DurableDispatch {
  /** A task that fails here would have been stored in production. */
  readonly canBeRequired = false;
  readonly #engine: EngineFacts;
  readonly #run: (task: ScheduledTask) => void;

  constructor(engine: EngineFacts, run: (task: ScheduledTask) => void) {
    this.#engine = engine;
    this.#run = run;
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

  store(task: DurableTask): void {
    const { home, id } = task;
    const isTransactional = task.options.transaction !== undefined;
    if (!isTransactional || !(home instanceof TaskRoute)) {
      this.#run(task);
      return;
    }
    // The caller may wait inside the transaction until it is stored.
    const stored = task.resumed(home);
    task.settle({ status: 'enqueued', jobId: id });
    if (home.resume(stored)) runInTask(stored, () => this.#run(stored));
  }
}
