import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TasksModule } from 'nestjs-tasks';
import { openTelemetry } from 'nestjs-tasks/opentelemetry';
import { engineFor, type Role } from './engine.js';
import { environment, type Environment } from './environment.js';
import { OrderTasks } from './orders/order-tasks.js';
import { OrdersController } from './orders/orders.controller.js';
import { PaymentGateway } from './orders/payment-gateway.js';

@Module({
  controllers: [OrdersController],
  providers: [OrderTasks, PaymentGateway],
})
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
          useFactory: (config: Environment) => ({
            telemetry: openTelemetry(),
            engine: engineFor(role, config),
          }),
        }),
      ],
    };
  }
}
