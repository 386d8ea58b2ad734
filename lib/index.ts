export type { Duration } from './core/duration.js';
export type {
  ArgumentSchema,
  DeclaredTaskOptions,
  SchemaResult,
} from './core/declared-task.js';
export {
  TaskAlreadyDeclaredError,
  TaskBacklogFullError,
  TaskCancelledError,
  TaskEngineMissingError,
  TaskDroppedError,
  TaskError,
  TaskFailedError,
  TaskInvalidArgumentError,
  TaskInvalidOptionError,
  TaskNotDeclaredError,
  TaskNotStoredError,
  TaskRefusedError,
  TaskPeerMissingError,
  TasksModuleConflictError,
  TasksModuleMissingError,
  TaskScopeMissingError,
  TaskTimeoutError,
  type TaskErrorCode,
} from './core/errors.js';
export type { ScheduledMethods } from './core/scheduled-methods.js';
export type { Settled } from './core/settled.js';
export { currentTask } from './core/task-context.js';
export type { TaskEvent, TaskObserver } from './core/task-event.js';
export type {
  Backoff,
  RunOn,
  TaskErrorHandler,
  TaskErrorReporter,
  TaskOptions,
} from './core/task-options.js';
export type { TaskOutcome, TaskStatus } from './core/task-outcome.js';
export type { TaskStats } from './core/task-runtime.js';
export type {
  ConfigurableTaskScheduler,
  TaskPhaseScheduler,
  TaskScheduler,
} from './core/task-scheduler.js';
export type { TaskPhase, TaskResponse } from './core/task.js';
export type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  TaskJob,
  TaskJobOptions,
  TaskJobOutcome,
} from './engine/durable-engine.js';
export type { ContextPropagation } from './engine/context-propagation.js';
export { AppTasks } from './nest/app-tasks.js';
export { currentTasks } from './nest/current-tasks.js';
export { OnTaskError } from './nest/on-task-error.decorator.js';
export { Task } from './nest/task.decorator.js';
export type {
  TasksModuleAsyncOptions,
  TasksModuleOptions,
  TasksOptionsFactory,
} from './nest/tasks-module-options.js';
export { Tasks } from './nest/tasks.decorator.js';
export { TasksModule } from './nest/tasks.module.js';
export { TasksService } from './nest/tasks.service.js';
