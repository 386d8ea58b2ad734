import type { TaskRuntimeParts } from '../core/app/task-runtime.js';
import type { TasksMode } from '../nest/module/tasks-host.js';
import { TaskHold } from './task-hold.js';

/** Nothing runs until the test says so, and no response waits for a task. */
export class ManualMode implements TasksMode {
  readonly afterRoute = { awaited: 'nothing' } as const;
  #hold: TaskHold | undefined;

  readonly createRunner: TaskRuntimeParts['createRunner'] = (...parts) =>
    (this.#hold = new TaskHold(...parts));

  get hold(): TaskHold | undefined {
    return this.#hold;
  }

  closing(): void {
    this.#hold?.close();
  }
}
