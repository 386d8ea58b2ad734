import { inspect, type InspectOptions } from 'node:util';
import { PrivatelyLinked } from '../base/linked-list.js';
import type { TaskStatus } from '../task/task-outcome.js';
import type { TaskPhase } from '../task/task-phase.js';
import type { TaskOptions } from '../task/task.js';
import { copyOfProgress, type ProgressListener } from './progress.js';

/** In milliseconds since 1970. */
const LOADED_AT = Date.now();

function dateOf(sinceLoaded: number | undefined): number | undefined {
  return sinceLoaded === undefined ? undefined : LOADED_AT + sinceLoaded;
}

/**
 * The plain facts about a task, and what it shows of itself wherever it is serialised or
 * inspected: never its arguments.
 */
export abstract class TaskFace extends PrivatelyLinked {
  // Small integers, which take no memory of their own.
  #scheduledAt: number | undefined;
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  /** Whether a response waits for it, which makes it a part of the request. */
  isAwaited = false;
  abstract readonly id: string;
  abstract readonly name: string;
  abstract readonly phase: TaskPhase;
  abstract readonly status: TaskStatus;
  abstract readonly attempt: number;
  abstract readonly options: Readonly<TaskOptions>;

  get key(): string | undefined {
    return this.options.key;
  }

  /** Whether a shutdown waits for it. */
  get isShielded(): boolean {
    return this.isAwaited || this.options.shield === true;
  }

  get scheduledAt(): number {
    // A number at all events: beside `undefined`, V8 keeps it as an object of its own.
    const sinceLoaded = this.#scheduledAt;
    return sinceLoaded === undefined ? 0 : LOADED_AT + sinceLoaded;
  }

  set scheduledAt(date: number) {
    this.#scheduledAt = date - LOADED_AT;
  }

  get startedAt(): number | undefined {
    return dateOf(this.#startedAt);
  }

  set startedAt(date: number) {
    this.#startedAt = date - LOADED_AT;
  }

  get endedAt(): number | undefined {
    return dateOf(this.#endedAt);
  }

  set endedAt(date: number) {
    this.#endedAt = date - LOADED_AT;
  }

  /** What the tasks of the application share. */
  abstract readonly resources: object | undefined;

  async progress(value: unknown): Promise<void> {
    if (this.status === 'running') await this.report(value);
  }

  /** Whether it was scheduled by another process. */
  get isResumed(): boolean {
    return false;
  }

  toJSON(): Pick<TaskFace, 'id' | 'name' | 'phase' | 'status' | 'attempt'> {
    const { id, name, phase, status, attempt } = this;
    return { id, name, phase, status, attempt };
  }

  /** Passes a progress on, to observers unless a store keeps it. */
  protected report(value: unknown): unknown {
    const copy = copyOfProgress(value, this.name);
    const { progressed } = Object(this.resources) as ProgressListener;
    // The compiler does not see that each task is one with this face.
    return progressed?.call(this.resources, this as never, copy);
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `Task ${inspect(this.toJSON(), options)}`;
  }
}
