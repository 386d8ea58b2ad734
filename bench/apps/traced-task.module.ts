import { Module } from '@nestjs/common';
import { TasksModule } from 'nestjs-tasks';
import { openTelemetry } from 'nestjs-tasks/opentelemetry';
import { OneTaskController } from './one-task.module.js';
import { registerSdk } from './open-telemetry-sdk.js';

registerSdk();

/** The task is traced and measured. */
@Module({
  imports: [TasksModule.forRoot({ telemetry: openTelemetry() })],
  controllers: [OneTaskController],
})
export class TracedTaskModule {}
