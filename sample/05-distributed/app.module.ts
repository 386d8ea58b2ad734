import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TasksModule } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { environment, type Environment } from './environment.js';
import { OrderTasks } from './orders/order-tasks.js';
import { OrdersController } from './orders/orders.controller.js';

/** A process accepts orders or carries them out. */
export type Role = 'api' | 'worker';

@Module({ controllers: [OrdersController], providers: [OrderTasks] })
export class AppModule {
  static forRoot(role: Role): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          load: [environment],
          ignoreEnvFile: true,
        }),
        TasksModule.forRootAsync({
          inject: [environment.KEY],
          useFactory: ({ REDIS_URL, QUEUE }: Environment) => ({
            engine: bullmqEngine({
              connection: { url: REDIS_URL },
              queue: QUEUE,
              // The API only stores tasks; the workers are scaled separately.
              worker: role === 'worker' ? { concurrency: 5 } : false,
            }),
          }),
        }),
      ],
    };
  }
}
