import {
  Module,
  StandardSchemaValidationPipe,
  type DynamicModule,
} from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { TasksModule, type TasksModuleOptions } from 'nestjs-tasks';
import { environment, type Environment } from './environment.js';
import { TrackingModule } from './tracking/tracking.module.js';

@Module({
  providers: [
    { provide: APP_PIPE, useFactory: () => new StandardSchemaValidationPipe() },
  ],
})
export class AppModule {
  /** Tests and the demo pass observers. */
  static forRoot(options: TasksModuleOptions = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, load: [environment] }),
        ScheduleModule.forRoot(),
        TasksModule.forRootAsync({
          inject: [environment.KEY],
          useFactory: ({ REQUEST_TIMEOUT_MS }: Environment) => ({
            // Enough for all attempts at a batch, the delays between them, and its error
            // handler, which is not called once the grace period is over.
            shutdown: { gracePeriod: 3 * REQUEST_TIMEOUT_MS + 5_000 },
            ...options,
          }),
        }),
        TrackingModule,
      ],
    };
  }
}
