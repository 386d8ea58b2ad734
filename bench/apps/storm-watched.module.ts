import { Module } from '@nestjs/common';
import { TasksDashboardModule } from 'nestjs-tasks/dashboard';
import { StormOfTasksModule } from './storm-of-tasks.module.js';

/** The same storm in an application with a dashboard, whose page may be open. */
@Module({
  imports: [StormOfTasksModule, TasksDashboardModule.forRoot({ public: true })],
})
export class StormWatchedModule {}
