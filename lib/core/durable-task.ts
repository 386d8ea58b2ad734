import type { DeclaredTask } from './declared-task.js';
import { ScheduledTask } from './scheduled-task.js';
import type { TaskOptions } from './task-options.js';

/** What an application can do with durable tasks, when it has an engine that stores them. */
export interface DurableTasks {
  /**
   * The arguments of a call, in the form in which they are stored.
   *
   * @throws TaskInvalidArgumentError for arguments that cannot travel
   */
  encode(
    declared: DeclaredTask,
    args: readonly unknown[],
    options: Readonly<TaskOptions>,
  ): string;
  /** What the method is called with, wherever it runs. */
  decode(payload: string): unknown[];
  /** Takes a task whose moment has come. Must not throw. */
  store(task: DurableTask): void;
}

/** A task that is to be stored by an engine, and run by whoever takes it from there. */
export class DurableTask<
  A extends unknown[] = unknown[],
  R = unknown,
> extends ScheduledTask<A, R> {
  /** Its arguments, encoded. */
  payload = '';

  /** A shutdown waits until it is stored: that is what carries it through. */
  override get isShielded(): boolean {
    return true;
  }
}
