import type { AppTasks, TasksService } from 'nestjs-tasks';
import { isService, stats } from './shared-types.cjs';

// Compiles only while the classes that CommonJS files see are those that ES modules see.

export function statsOf(tasks: AppTasks): object {
  return stats(tasks);
}

export function asService(value: unknown): TasksService | undefined {
  return isService(value) ? value : undefined;
}
