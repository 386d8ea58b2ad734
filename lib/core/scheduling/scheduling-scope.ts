import type {
  PhaseDefaults,
  ResolvedTaskSettings,
} from '../options/task-settings.js';
import type { DurableDispatch } from '../running/durable-task.js';
import type { TaskRoute } from '../scope/task-route.js';
import type { InjectionScope } from '../task/declared-task.js';
import type { TaskRegistry } from './task-registry.js';

/** The scope that a scheduler schedules in. */
export interface SchedulingScope extends InjectionScope {
  readonly app: {
    readonly defaults: PhaseDefaults;
    readonly settings: Pick<ResolvedTaskSettings, 'shutdown'>;
    readonly registry: TaskRegistry;
    readonly durable: DurableDispatch | undefined;
  };
  /**
   * The route that accepts the tasks.
   *
   * @throws TaskScopeMissingError when there is none
   */
  route(): TaskRoute;
}
