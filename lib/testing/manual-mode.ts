import type { TaskRuntimeParts } from '../core/task-runtime.js';
import type { TasksMode } from '../nest/tasks.tokens.js';
import { ManualEngine } from './manual.engine.js';

/** Nothing runs until it is told to, so that no response can wait for it. */
export class ManualMode implements TasksMode {
  readonly awaited = 'nothing';
  #engine: ManualEngine | undefined;

  readonly createEngine: TaskRuntimeParts['createEngine'] = (...parts) =>
    (this.#engine = new ManualEngine(...parts));

  get engine(): ManualEngine | undefined {
    return this.#engine;
  }

  closing(): void {
    this.#engine?.close();
  }
}
