import type { Callable, DeclaredTask } from '../task/declared-task.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { TaskOptions } from '../task/task.js';
import { ScheduledTask, type TaskHome } from './scheduled-task.js';

/**
 * What not every engine can do, named after the option that asks for it: `delay` stands
 * for `at` too, `queues` for a `queue` other than `'default'`,
 * and `repeatSeconds` for a `repeat` at other times than full minutes.
 *
 * @publicApi
 */
export type EngineFeature =
  'delay' | 'priority' | 'queues' | 'repeat' | 'repeatSeconds' | 'keepResult';

/** The queue of the tasks that name none. */
export const DEFAULT_QUEUE = 'default';

/** What happens to durable tasks in an application that has an engine. */
export interface DurableDispatch {
  /** The name of the engine. */
  readonly engine: string;
  /** What the engine can do beyond storing and running tasks. */
  readonly features: readonly EngineFeature[];
  /** Whether a route may rely on its tasks being stored, as it can by default. */
  readonly canBeRequired: boolean;
  /**
   * Encodes the arguments of a call as they are stored.
   *
   * @throws TaskInvalidArgumentError for arguments that cannot be stored
   */
  encode(declared: DeclaredTask, args: readonly unknown[]): string;
  /** The arguments that the method is called with, wherever it runs. */
  decode(declared: DeclaredTask, payload: string): unknown[];
  /** The engine has started: warns of tasks whose queue no process seems to work. */
  checkQueues?(tasks: readonly DeclaredTask[]): void;
  /** Stores a task that is due. Must not throw. */
  store(task: DurableTask): void;
}

/** A task that an engine stores and a worker runs. */
export class DurableTask<
  A extends unknown[] = unknown[],
  R = unknown,
> extends ScheduledTask<A, R> {
  readonly #payload: string;
  readonly #stored: Callable;

  constructor(
    phase: TaskPhase,
    fn: Callable,
    args: Readonly<A>,
    options: Readonly<TaskOptions>,
    home: TaskHome,
    declared: DeclaredTask,
    payload: string,
  ) {
    super(phase, fn, args, options, home, declared);
    this.#payload = payload;
    this.#stored = fn;
  }

  /** Its arguments, encoded. */
  get payload(): string {
    return this.#payload;
  }

  /** The task as it goes on once it has been stored, under the same id. */
  resumed(home: TaskHome): ScheduledTask {
    const { phase, options, declared, id } = this;
    // The compiler does not see that a generic read-only tuple is an array.
    const args = this.args as unknown as unknown[];
    const before = { id, attempts: 0 };
    return new ResumedTask(
      phase,
      this.#stored,
      args,
      options,
      home,
      declared,
      before,
    );
  }

  /** A shutdown waits until it is stored: storing is what carries it through. */
  override get isShielded(): boolean {
    return true;
  }
}

/** The second life of a task that has ended as `enqueued`. */
class ResumedTask extends ScheduledTask {
  override get isResumed(): boolean {
    return true;
  }
}
