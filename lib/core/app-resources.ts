import { TaskDroppedError } from './errors.js';
import { ScheduledTask } from './scheduled-task.js';
import { callingTask } from './task-context.js';
import type { TaskLog } from './task-log.js';
import type { ResolvedTaskSettings } from './task-settings.js';
import { messageOf } from './to-error.js';

/** What a resource may know of its application. */
export interface ResourceOwner {
  readonly settings: ResolvedTaskSettings;
  readonly log: TaskLog;
}

/** Something that an application has once, such as a pool. */
export interface AppResource {
  /** Gives back what it holds; called once, after the last drain. */
  dispose(): Promise<void>;
}

/** A class of resources; its instances are made by {@link AppResources}. */
export type AppResourceClass<T extends AppResource> = new (
  owner: ResourceOwner,
) => T;

/**
 * The resources of one application: made when a task first asks for them, taken
 * down when the application has shut down its tasks.
 */
export class AppResources {
  readonly #owner: ResourceOwner;
  readonly #made = new Map<AppResourceClass<AppResource>, AppResource>();
  #isDisposed = false;

  constructor(owner: ResourceOwner) {
    this.#owner = owner;
  }

  /**
   * The one instance of this class.
   *
   * @throws TaskDroppedError when the application has shut down
   */
  get<T extends AppResource>(resource: AppResourceClass<T>): T {
    if (this.#isDisposed) {
      throw new TaskDroppedError(
        'The application has shut down, and with it what its tasks shared.',
      );
    }
    let made = this.#made.get(resource);
    if (!made) {
      made = new resource(this.#owner);
      this.#made.set(resource, made);
    }
    // Made by that class, which is the key.
    return made as T;
  }

  /** Takes everything down; `undefined` when there is nothing. Never rejects. */
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
        `What the tasks shared could not be taken down: ${messageOf(error)}`,
        error,
      );
    }
  }
}

/** The resources of the application whose task, or error handler, is running; none outside one. */
export function resourcesHere(): AppResources | undefined {
  const task = callingTask();
  return task instanceof ScheduledTask ? task.resources : undefined;
}
