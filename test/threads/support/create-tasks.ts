import type { TasksModuleOptions } from 'nestjs-tasks';
import { createApp, type TestApp } from '../../support/create-app.js';
import { platforms } from '../../support/platforms.js';

/** An application, where no request is involved. */
export function createTasks(tasks: TasksModuleOptions = {}): Promise<TestApp> {
  const [platform] = platforms;
  return createApp(platform!, { tasks });
}
