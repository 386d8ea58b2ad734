import { Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { TasksModule, type TasksModuleOptions } from 'nestjs-tasks';
import { environment, type Environment } from './environment.js';
import { ImagesModule } from './images/images.module.js';

@Module({
  providers: [
    {
      provide: APP_PIPE,
      useFactory: () =>
        new ValidationPipe({
          transform: true,
          whitelist: true,
          forbidNonWhitelisted: true,
        }),
    },
  ],
})
export class AppModule {
  /** Tests and the demo pass observers. */
  static forRoot(options: TasksModuleOptions = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, load: [environment] }),
        TasksModule.forRootAsync({
          inject: [environment.KEY],
          useFactory: ({ RETRY_DELAY_MS: delay }: Environment) => ({
            ...options,
            // The tasks declare their retries; this is the delay between them.
            defaults: {
              backoff: { type: 'exponential', delay },
              ...options.defaults,
            },
          }),
        }),
        ImagesModule,
      ],
    };
  }
}
