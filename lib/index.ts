export type { Duration } from './core/base/duration.js';
export type {
  ArgumentSchema,
  DeclaredTaskOptions,
  RecurringTaskOptions,
  SchemaResult,
} from './core/task/declared-task.js';
export {
  TaskAlreadyDeclaredError,
  TaskBacklogFullError,
  TaskCancelledError,
  TaskDroppedError,
  TaskFailedError,
  TaskInterceptorError,
  TaskInvalidOptionError,
  TaskNotDeclaredError,
  TasksModuleConflictError,
  TasksModuleMissingError,
  TaskScopeMissingError,
  TaskTimeoutError,
} from './core/base/errors.js';
export {
  TaskRetryAfterError,
  TaskUnrecoverableError,
} from './core/base/attempt-errors.js';
export {
  TaskEngineMissingError,
  TaskInvalidArgumentError,
  TaskLostError,
  TaskNotStoredError,
  TaskNotSupportedError,
  TaskRefusedError,
  TaskPeerMissingError,
  TaskStoreError,
} from './core/base/durable-errors.js';
export { TaskError, type TaskErrorCode } from './core/base/task-error.js';
export type { ScheduledMethods } from './core/scheduling/scheduled-methods.js';
export type { Settled } from './core/base/settled.js';
export { currentTask } from './core/task/task-context.js';
export type { TaskEvent, TaskObserver } from './core/task/task-event.js';
export type {
  Backoff,
  TaskErrorHandler,
  TaskErrorReporter,
  TaskOptions,
} from './core/task/task.js';
export type {
  TaskInterceptor,
  TaskInterceptorFunction,
} from './core/task/task-interceptor.js';
export type { TaskNumbers, TaskTelemetry } from './core/task/task-telemetry.js';
export {
  taskContract,
  type TaskContract,
} from './core/scheduling/task-contract.js';
export type { RepeatOptions, TaskRecurrence } from './core/task/recurrence.js';
export type { RunOn } from './core/task/task-phase.js';
export type { TaskOutcome, TaskStatus } from './core/task/task-outcome.js';
export type { TaskStats } from './core/app/task-stats.js';
export type {
  ConfigurableTaskScheduler,
  TaskPhaseScheduler,
  TaskScheduler,
} from './core/scheduling/tasks.js';
export type { TaskPhase, TaskResponse } from './core/task/task-phase.js';
export type { EngineFeature } from './core/running/durable-task.js';
export type {
  ArgumentCodec,
  DurableEngine,
  EngineHost,
  JobRunDetails,
  TaskJob,
  TaskJobOptions,
  TaskJobOutcome,
} from './durable/durable-engine.js';
export type {
  StoredJob,
  StoredJobFilter,
  StoredJobPage,
  StoredJobs,
} from './durable/stored-jobs.js';
export type {
  StoredSchedule,
  StoredTask,
  StoredTaskCounts,
  StoredTaskError,
  StoredTaskFilter,
  StoredTaskPage,
  StoredTaskStatus,
} from './durable/stored-task.js';
export type { ScheduleChanges, TaskSchedule } from './durable/task-schedule.js';
export type { ContextPropagation } from './durable/context-propagation.js';
export { StoredTasks } from './nest/stored-tasks.js';
export { AppTasks } from './nest/app-tasks.js';
export { currentTasks } from './nest/scopes/current-tasks.js';
export { OnTaskError } from './nest/declared/on-task-error.decorator.js';
export { Task } from './nest/declared/task.decorator.js';
export type {
  TasksModuleAsyncOptions,
  TasksModuleOptions,
  TasksOptionsFactory,
} from './nest/module/tasks-module-options.js';
export { Tasks } from './nest/handlers/tasks.decorator.js';
export { TasksModule } from './nest/module/tasks.module.js';
export { TasksService } from './nest/tasks.service.js';
