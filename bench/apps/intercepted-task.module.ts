import { Module } from '@nestjs/common';
import { TasksModule, type TaskInterceptorFunction } from 'nestjs-tasks';
import { OneTaskController } from './one-task.module.js';

export const emptyInterceptor: TaskInterceptorFunction = (_task, next) =>
  next();

/** The task is inside an interceptor that does nothing. */
@Module({
  imports: [TasksModule.forRoot({ interceptors: [emptyInterceptor] })],
  controllers: [OneTaskController],
})
export class InterceptedTaskModule {}
