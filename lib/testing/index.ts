export type { DrainedTasks } from './drained-tasks.js';
export {
  fakeTasks,
  type FakeTasksOptions,
  type RecordedTasks,
} from './fake-tasks.js';
export type { TaskFilter } from './task-filter.js';
export { TasksTester, type TasksTesterOptions } from './tasks-tester.js';
export {
  TasksTestingModule,
  type TasksTestingModuleOptions,
} from './tasks-testing.module.js';
export {
  engineConformance,
  type ConformanceCase,
  type EngineUnderTest,
} from './conformance/engine-conformance.js';
