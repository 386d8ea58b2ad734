import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppTasks, TasksModule, type TasksModuleOptions } from 'nestjs-tasks';

/** An application that has tasks and no server. */
@Module({})
export class TasksOnlyModule {
  static forRoot(options: TasksModuleOptions): DynamicModule {
    return {
      module: TasksOnlyModule,
      imports: [TasksModule.forRoot(options)],
    };
  }
}

/** The tasks of such an application. */
export async function tasksOnly(
  options: TasksModuleOptions = {},
): Promise<AppTasks> {
  const app = await NestFactory.createApplicationContext(
    TasksOnlyModule.forRoot(options),
    { logger: false },
  );
  return app.get(AppTasks);
}
