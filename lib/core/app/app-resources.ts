import { TaskDroppedError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { messageOf } from '../base/to-error.js';
import type { ResolvedTaskSettings } from '../options/task-settings.js';
import { ScheduledTask } from '../running/scheduled-task.js';
import { callingTask } from '../task/task-context.js';
import type { Task } from '../task/task.js';
import type { Observers } from './observers.js';

/** What a resource can use of its application. */
export interface ResourceOwner {
  readonly settings: ResolvedTaskSettings;
  readonly log: Log;
  readonly observers: Observers;
}

/** Something that exists once per application, such as a pool of threads. */
export interface AppResource {
  /** Releases what it holds; called once, after the last drain. */
  dispose(): Promise<void>;
}

/** A class of resources, which {@link AppResources} instantiates. */
export type AppResourceClass<T extends AppResource> = new (
  owner: ResourceOwner,
) => T;

/**
 * The resources of one application: created when a task first needs them, disposed of
 * after the application has shut down its tasks.
 */
export class AppResources {
  readonly #owner: ResourceOwner;
  readonly #made = new Map<AppResourceClass<AppResource>, AppResource>();
  #isDisposed = false;

  constructor(owner: ResourceOwner) {
    this.#owner = owner;
  }

  /**
   * The only instance of this class.
   *
   * @throws TaskDroppedError when the application has shut down
   */
  get<T extends AppResource>(resource: AppResourceClass<T>): T {
    if (this.#isDisposed) {
      throw new TaskDroppedError(
        'The application has shut down and disposed of the resources that its tasks shared.',
      );
    }
    let made = this.#made.get(resource);
    if (!made) {
      made = new resource(this.#owner);
      this.#made.set(resource, made);
    }
    // The key is the class that made it.
    return made as T;
  }

  /** A task that no store keeps has said how far it is. */
  progressed(task: Task, value: unknown): void {
    const { observers } = this.#owner;
    if (!observers.wants('progress')) return;
    observers.emit({ type: 'progress', task, value });
  }

  /** Disposes of everything; `undefined` when there is nothing. Never rejects. */
  dispose(): Promise<void> | undefined {
    this.#isDisposed = true;
    if (this.#made.size === 0) return undefined;
    const made = [...this.#made.values()];
    this.#made.clear();
    return Promise.all(made.map((resource) => this.#dispose(resource))).then(
      () => {},
    );
  }

  async #dispose(resource: AppResource): Promise<void> {
    try {
      await resource.dispose();
    } catch (error) {
      this.#owner.log.error(
        `A resource of the tasks could not be disposed of: ${messageOf(error)}`,
        error,
      );
    }
  }
}

/** The resources of the application whose task or error handler is running, if any. */
export function resourcesHere(): AppResources | undefined {
  const task = callingTask();
  if (!(task instanceof ScheduledTask)) return undefined;
  const { resources } = task;
  return resources instanceof AppResources ? resources : undefined;
}
