import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TasksModule } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { environment, type Environment } from './environment.js';
import { OrdersModule } from './orders/orders.module.js';

/** What a process of the application does: takes orders, or carries them out. */
export type Role = 'api' | 'worker';

@Module({})
export class AppModule {
  static forRoot(role: Role): DynamicModule {
    const config = ConfigModule.forRoot({
      isGlobal: true,
      load: [environment],
      ignoreEnvFile: true,
    });
    return {
      module: AppModule,
      imports: [
        config,
        TasksModule.forRootAsync({
          inject: [environment.KEY],
          useFactory: ({ REDIS_URL, QUEUE }: Environment) => ({
            engine: bullmqEngine({
              connection: { url: REDIS_URL },
              queue: QUEUE,
              // The API only stores; whoever scales the workers scales the work.
              worker: role === 'worker' ? { concurrency: 5 } : false,
            }),
          }),
        }),
        OrdersModule,
      ],
    };
  }
}
