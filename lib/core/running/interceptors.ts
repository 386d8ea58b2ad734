import type {
  TaskInterceptor,
  TaskInterceptorClass,
  TaskInterceptors,
} from '../task/task-interceptor.js';
import type { ScheduledTask } from './scheduled-task.js';

/** Finds the instance of an interceptor's class, for the unit of work of a task. */
export type ResolveInterceptor = (
  type: TaskInterceptorClass,
  task: ScheduledTask,
) => TaskInterceptor | Promise<TaskInterceptor>;

/** The interceptors of an application. */
export class Interceptors {
  readonly resolve: ResolveInterceptor;
  readonly #ofModule: TaskInterceptors;

  constructor(
    ofModule: TaskInterceptors | undefined,
    resolve: ResolveInterceptor,
  ) {
    this.#ofModule = ofModule ?? [];
    this.resolve = resolve;
  }

  /** Those around each attempt of a task, the outermost first; `undefined` when there are none. */
  around({ declared }: ScheduledTask): TaskInterceptors | undefined {
    const ofModule = this.#ofModule;
    const ofTask = declared?.interceptors;
    if (!ofTask) return ofModule.length > 0 ? ofModule : undefined;
    return [...ofModule, ...ofTask];
  }
}
