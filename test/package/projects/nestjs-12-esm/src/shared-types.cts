import { AppTasks, TasksService } from 'nestjs-tasks';

// A CommonJS file beside ES modules: to the compiler both must mean the same classes.

export function stats(tasks: AppTasks): object {
  return tasks.stats;
}

export function isService(value: unknown): value is TasksService {
  return value instanceof TasksService;
}
